package org.primer4j.verify;

import static org.primer4j.graph.Ops.crossEntropy;
import static org.primer4j.graph.Ops.l2Normalize;
import static org.primer4j.graph.Ops.matchScores;
import static org.primer4j.graph.Ops.meanPool;
import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.scale;
import static org.primer4j.graph.Ops.sub;
import static org.primer4j.graph.Ops.sumRows;

import java.util.List;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Heads;
import org.primer4j.model.Layers;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;

/** An encoder with the head and loss of a golden batch as a graph, whose named outputs are the file's {@code out.*}. */
final class EncoderGraph implements CaseGraph {

    private static final String LABELS = "labels";
    private static final String WEIGHTS = "loss_weights";
    private static final String PAIRS = "pairs";
    private static final String LEFT = "left";
    private static final String RIGHT = "right";
    private static final String SIMILARITIES = "similarities";

    private final EncoderBatch batch;
    private final Graph graph = new Graph(1, DType.F32);
    private final Layers layers;
    private final TextInputs inputs;
    private final Value loss;
    private final int firstPosition;

    /** @param classes rows of the classification head; unused by other objectives */
    EncoderGraph(EncoderConfig config, Adaptation adaptation, EncoderBatch read, int classes) {
        this.batch = read.withPrompt(config.vocabSize(), adaptation.promptLength());
        this.firstPosition = TextInputs.firstPosition(config);
        this.layers = new Layers(graph, adaptation);
        this.inputs = TextInputs.declare(graph, config, adaptation.promptLength(), batch.rows().tokens(), batch.rows().sequences());
        List<Value> states = new Encoder(config).hiddenStates(layers, inputs);
        for (int i = 0; i < states.size(); i++) {
            graph.output("hidden_" + i, states.get(i));
        }
        Value hidden = states.get(states.size() - 1);
        Heads heads = new Heads(config);
        this.loss = switch (batch.objective()) {
            case MASKED_LM -> labelled(heads.maskedLm(layers, hidden), inputs.tokens());
            case CLASSES -> labelled(heads.classifier(layers, hidden, inputs, classes), inputs.sequences());
            case SIMILARITY -> similarity(heads, hidden);
        };
    }

    private Value labelled(Value logits, Axis axis) {
        graph.output("logits", logits);
        Value label = graph.indices(LABELS, axis, new IndexLimits.Below(logits.cols()));
        return crossEntropy(logits, label, graph.input(WEIGHTS, Shape.along(axis, 1)));
    }

    private Value similarity(Heads heads, Value hidden) {
        graph.output("pooler_output", heads.pooled(layers, hidden, inputs));
        Value pooled = graph.output("mean_pooled", meanPool(hidden, inputs.offsets()));
        Value embedding = graph.output("embedding", l2Normalize(pooled));
        int count = batch.rows().sequences() * batch.rows().sequences();
        Axis pairs = graph.axis(PAIRS, count);
        IndexLimits sequence = new IndexLimits.RowOf(inputs.sequences());
        Value cosine = matchScores(embedding, graph.indices(LEFT, pairs, sequence), graph.indices(RIGHT, pairs, sequence), 1);
        Value gap = sub(cosine, graph.input(SIMILARITIES, Shape.along(pairs, 1)));
        return scale(sumRows(mul(gap, gap)), 1.0 / count);
    }

    @Override
    public Graph graph() {
        return graph;
    }

    @Override
    public Value loss() {
        return loss;
    }

    @Override
    public int[] realRows(String output) {
        return inputs.tokens().equals(graph.outputs().get(output).shape().axis()) ? batch.rows().places() : null;
    }

    @Override
    public void write(Program program) {
        program.setRows(inputs.tokens(), batch.rows().tokens());
        program.setRows(inputs.sequences(), batch.rows().sequences());
        put(program, TextInputs.IDS, batch.rows().ids());
        put(program, TextInputs.POSITIONS, batch.rows().positions(firstPosition + layers.positionShift("encoder")));
        put(program, TextInputs.TYPES, batch.types());
        put(program, TextInputs.OFFSETS, batch.rows().offsets());
        if (program.hasInput(Heads.FIRST_TOKENS)) {
            program.input(Heads.FIRST_TOKENS).put(0, batch.rows().offsets(), batch.rows().sequences());
        }
        if (batch.objective() == EncoderBatch.Objective.SIMILARITY) {
            writePairs(program);
        } else {
            writeLabels(program);
        }
    }

    private void writeLabels(Program program) {
        InputBuffer labels = program.input(LABELS);
        for (int i = 0; i < batch.labels().length; i++) {
            labels.put(i, batch.labels()[i] == EncoderBatch.IGNORED ? 0 : batch.labels()[i]);
        }
        program.input(WEIGHTS).put(0, batch.lossWeights());
    }

    private void writePairs(Program program) {
        int n = batch.rows().sequences();
        program.setRows(graph.axis(PAIRS, n * n), n * n);
        for (int pair = 0; pair < n * n; pair++) {
            program.input(LEFT).put(pair, pair / n);
            program.input(RIGHT).put(pair, pair % n);
        }
        program.input(SIMILARITIES).put(0, batch.similarities());
    }

    private static void put(Program program, String input, int[] values) {
        program.input(input).put(0, values, values.length);
    }
}
