package org.primer4j.objective;

import java.util.List;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.gym.TaskInfo;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.TextInputs;

/**
 * Input and candidate are read as one pair of sequences; one linear head, shared by all tasks, scores the mean of its
 * hidden states.
 */
public record JointScoring() implements Objective {

    private static final String HEAD = "score";

    @Override
    public String objectiveName() {
        return "joint";
    }

    @Override
    public ScoringGraph build(Layers layers, Encoder encoder, Capacity capacity) {
        TextInputs text = TextInputs.declare(layers, encoder.config(), capacity.tokens(), capacity.sequences());
        Value pooled = Ops.meanPool(encoder.hidden(layers, text), text.offsets());
        // A softmax over candidates does not see a bias that all of them share.
        Value scores = Ops.linear(pooled, layers.weight(HEAD, 1, pooled.cols()), null);
        return ScoringGraph.of(text, text.sequences(), false, scores, capacity);
    }

    @Override
    public EncodedExample encode(TaskInfo task, String input, List<String> candidates, int gold, TextFormat format, SequencePool pool) {
        String text = format.input(task, input);
        Sequence[] pairs = candidates.stream().map(c -> pool.pair(text, c)).toArray(Sequence[]::new);
        return new EncodedExample(null, pairs, gold, candidates);
    }

    @Override
    public boolean ownsTensor(String tensor) {
        return tensor.startsWith(HEAD + ".");
    }
}
