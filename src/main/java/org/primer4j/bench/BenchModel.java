package org.primer4j.bench;

import java.util.HashMap;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Heads;
import org.primer4j.model.Layers;
import org.primer4j.model.TextInputs;
import org.primer4j.model.Weights;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.TensorData;

/**
 * The benchmark's model: an encoder of MiniLM's shape under one of the peer's two objectives.
 *
 * @param options method, objective and sizes
 * @param tokens most tokens of a batch
 */
record BenchModel(BenchTrainOptions options, int tokens) {

    static final EncoderConfig MINILM = new EncoderConfig("bert", 30522, 384, 6, 12, 1536, 512, 2, 1e-12, "gelu", 0, 0, 0);
    static final String LABEL = "label";
    static final String WEIGHT = "weight";
    static final String LEFT = "left";
    static final String RIGHT = "right";
    static final String CANDIDATES = "candidates";
    static final String ROWS = "rows";
    static final String PAIRS = "pairs";

    private static final int CLASSES = 2;
    private static final double CONTRAST_SCALE = 20;

    /** Records the loss into a new graph. */
    Value loss(Adaptation adaptation) {
        Layers l = Layers.forTraining(new Graph(1, DType.F32), adaptation, options.dropout());
        TextInputs text = TextInputs.declare(l.graph(), MINILM, tokens, options.batch() * options.textsPerRow());
        return options.objective().equals("classify") ? classify(l, text) : contrast(l, text);
    }

    // Two-class cross-entropy on the pooler's output (Devlin et al. 2019, section 3).
    private Value classify(Layers l, TextInputs text) {
        int d = MINILM.hiddenSize();
        Value first = new Heads(MINILM).firstTokens(l, new Encoder(MINILM).hidden(l, text), text);
        Value pooled = l.dropout("pooler", Ops.tanh(l.linear("pooler.dense", first, d)));
        Value logits = l.baseLinear(BenchMethod.CLASSIFIER, pooled, CLASSES);
        return Ops.crossEntropy(logits, l.graph().indices(LABEL, text.sequences(), new IndexLimits.Below(CLASSES)),
            l.graph().input(WEIGHT, Shape.along(text.sequences(), 1)));
    }

    // Each first text must find its own second text among the batch's (in-batch negatives).
    private Value contrast(Layers l, TextInputs text) {
        Graph graph = l.graph();
        Axis rows = graph.axis(ROWS, options.batch());
        Axis pairs = graph.axis(PAIRS, options.batch() * options.batch());
        IndexLimits sequence = new IndexLimits.RowOf(text.sequences());
        Value scores = Ops.matchScores(new Encoder(MINILM).sentences(l, text), graph.indices(LEFT, pairs, sequence),
            graph.indices(RIGHT, pairs, sequence), CONTRAST_SCALE);
        Value offsets = graph.offsets(CANDIDATES, rows, pairs, pairs.capacity());
        return Ops.segmentCrossEntropy(scores, offsets, graph.indices(LABEL, rows, new IndexLimits.WithinSegment(offsets)),
            graph.input(WEIGHT, Shape.along(rows, 1))).output(0);
    }

    /** Random weights for every tensor of the unadapted model, drawn when they are read. */
    Weights weights(Device device) {
        Map<String, TensorData> tensors = new HashMap<>();
        for (Value value : loss(Adaptation.frozen()).graph().leaves(Leaf.Kind.WEIGHT)) {
            String name = ((Leaf) value.node().op()).leafName();
            tensors.put(name, new RandomTensor(options.seed(), name, value.shape().rows(), value.cols()));
        }
        return new Weights(device, tensors);
    }
}
