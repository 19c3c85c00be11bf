package org.primer4j.objective;

import java.util.List;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.gym.TaskInfo;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.TextInputs;

/**
 * Scores are scaled cosines between the embedding of the input and that of each candidate, both by the same encoder.
 *
 * @param scale what a cosine is multiplied by before the softmax
 */
public record LabelMatching(double scale) implements Objective {

    /** The scale that sentence encoders are trained with (Reimers and Gurevych's library). */
    public static final double DEFAULT_SCALE = 20;

    @Override
    public String objectiveName() {
        return "matching";
    }

    @Override
    public ScoringGraph build(Layers layers, Encoder encoder, Capacity capacity) {
        Graph graph = layers.graph();
        TextInputs text = TextInputs.declare(layers, encoder.config(), capacity.tokens(), capacity.sequences());
        Axis pairs = graph.axis(ScoringGraph.PAIRS, capacity.pairs());
        Value left = graph.indices(ScoringGraph.LEFT, pairs, new IndexLimits.RowOf(text.sequences()));
        Value right = graph.indices(ScoringGraph.RIGHT, pairs, new IndexLimits.RowOf(text.sequences()));
        Value scores = Ops.matchScores(encoder.sentences(layers, text), left, right, scale);
        return ScoringGraph.of(text, pairs, true, scores, capacity);
    }

    @Override
    public EncodedExample encode(TaskInfo task, String input, List<String> candidates, int gold, TextFormat format, SequencePool pool) {
        Sequence text = pool.text(format.input(task, input));
        Sequence[] outputs = candidates.stream().map(c -> pool.text(format.candidate(task, c))).toArray(Sequence[]::new);
        return new EncodedExample(text, outputs, gold, candidates);
    }

    @Override
    public boolean ownsTensor(String tensor) {
        return false;
    }
}
