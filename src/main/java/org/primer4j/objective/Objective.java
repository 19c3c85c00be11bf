package org.primer4j.objective;

import org.primer4j.gym.TaskInfo;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import java.util.List;

/**
 * How an encoder answers a text-to-text task: it scores each candidate output, and a softmax over an example's candidates
 * gives the loss. Nothing is made for a single task, so that an unseen task works at once.
 */
public sealed interface Objective permits LabelMatching, JointScoring {

    /** The name on the command line. */
    String objectiveName();

    /** Records the scores and the loss of a batch. */
    ScoringGraph build(Layers layers, Encoder encoder, Capacity capacity);

    /** Tokenises a row. */
    EncodedExample encode(TaskInfo task, String input, List<String> candidates, int gold, TextFormat format, SequencePool pool);

    /** Whether a tensor belongs to the objective's own head, which is trained with whatever else is. */
    boolean ownsTensor(String tensor);
}
