package org.primer4j.objective;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.TextInputs;

/**
 * The inputs and results of a scoring objective's graph.
 *
 * @param text the sequences
 * @param examples axis of the rows
 * @param pairs axis of the candidates of all rows
 * @param matching whether pairs name their two sequences (else a pair is a sequence)
 * @param scores one a pair
 * @param loss one a lane
 */
public record ScoringGraph(TextInputs text, Axis examples, Axis pairs, boolean matching, Value scores, Value loss) {

    static final String EXAMPLES = "examples";
    static final String PAIRS = "pairs";
    static final String LEFT = "left";
    static final String RIGHT = "right";
    static final String CANDIDATES = "candidates";
    static final String LABEL = "label";
    static final String WEIGHT = "weight";

    /** Appends the loss to scores. */
    static ScoringGraph of(TextInputs text, Axis pairs, boolean matching, Value scores, Capacity capacity) {
        Graph graph = scores.graph();
        Axis examples = graph.axis(EXAMPLES, capacity.examples());
        Value offsets = graph.offsets(CANDIDATES, examples, pairs, pairs.capacity());
        Value label = graph.indices(LABEL, examples, new IndexLimits.WithinSegment(offsets));
        Node loss = Ops.segmentCrossEntropy(scores, offsets, label, graph.input(WEIGHT, Shape.along(examples, 1)));
        graph.output("scores", scores);
        graph.output("loss", loss.output(0));
        return new ScoringGraph(text, examples, pairs, matching, scores, loss.output(0));
    }
}
