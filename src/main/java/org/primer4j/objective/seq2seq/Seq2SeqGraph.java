package org.primer4j.objective.seq2seq;

import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.Layers;
import org.primer4j.model.LmHead;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.TextInputs;

/**
 * A model that writes, under the cross-entropy of each next token (Sutskever et al. 2014) with label smoothing, as a graph.
 *
 * @param model the model
 * @param source what is read
 * @param target what the decoder reads: the label moved right by one, the start token first
 * @param loss one a lane: the sum over target tokens, each with its weight
 */
public record Seq2SeqGraph(Seq2Seq model, TextInputs source, TextInputs target, Value loss) {

    static final String LABEL = "label";
    static final String WEIGHT = "label_weight";

    /**
     * Records the loss of a batch.
     *
     * @param layers say what is trained; without anything trained the graph is for evaluation
     * @param smoothing of labels, in [0, 1)
     */
    public static Seq2SeqGraph build(Layers layers, Seq2Seq model, Seq2SeqCapacity capacity, double smoothing) {
        Graph graph = layers.graph();
        TextInputs source = TextInputs.source(layers, model.config(), capacity.sourceTokens(), capacity.rows());
        TextInputs target = TextInputs.target(layers, model.config(), capacity.targetTokens(), source);
        Value hidden = model.decode(layers, model.encode(layers, source), source, target);
        LmHead head = model.head(layers);
        Value label = graph.indices(LABEL, target.tokens(), new IndexLimits.Below(model.config().vocabSize()));
        Value weight = graph.input(WEIGHT, Shape.along(target.tokens(), 1));
        Value loss = Ops.headCrossEntropy(head.scaled(hidden), head.weight(), head.bias(), label, weight, smoothing, true);
        return new Seq2SeqGraph(model, source, target, loss);
    }
}
