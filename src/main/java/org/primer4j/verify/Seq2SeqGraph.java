package org.primer4j.verify;

import static org.primer4j.graph.Ops.headCrossEntropy;

import java.util.Arrays;
import java.util.List;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.model.LmHead;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.Seq2SeqConfig;

/** A model with encoder and decoder, its head and the loss of a golden batch as a graph. */
final class Seq2SeqGraph implements CaseGraph {

    private static final String ENCODER = "encoder_hidden_";
    private static final String DECODER = "decoder_hidden_";
    private static final String LABELS = "labels";
    private static final String WEIGHTS = "loss_weights";

    private final Seq2SeqBatch batch;
    private final PackedRows prompted;
    private final Layers layers;
    private final Graph graph = new Graph(1, DType.F32);
    private final TextInputs source;
    private final TextInputs target;
    private final Value loss;
    private final int firstPosition;

    Seq2SeqGraph(Seq2SeqConfig config, Adaptation adaptation, Seq2SeqBatch batch) {
        this.batch = batch;
        this.firstPosition = TextInputs.firstPosition(config);
        this.layers = new Layers(graph, adaptation);
        this.prompted = batch.source().withPrompt(config.vocabSize(), adaptation.promptLength());
        this.source = TextInputs.source(layers, config, prompted.tokens(), prompted.sequences());
        this.target = TextInputs.target(layers, config, batch.target().tokens(), source);
        Seq2Seq model = Seq2Seq.of(config);
        List<Value> encoder = model.encoderStates(layers, source);
        List<Value> decoder = model.decoderStates(layers, encoder.get(encoder.size() - 1), source, target);
        outputs(ENCODER, encoder);
        outputs(DECODER, decoder);
        LmHead head = model.head(layers);
        Value hidden = decoder.get(decoder.size() - 1);
        graph.output("logits", head.logits(hidden));
        this.loss = headCrossEntropy(head.scaled(hidden), head.weight(), head.bias(),
            graph.indices(LABELS, target.tokens(), new IndexLimits.Below(config.vocabSize())),
            graph.input(WEIGHTS, Shape.along(target.tokens(), 1)), 0, true);
    }

    private void outputs(String prefix, List<Value> states) {
        for (int i = 0; i < states.size(); i++) {
            graph.output(prefix + i, states.get(i));
        }
    }

    @Override
    public Graph graph() {
        return graph;
    }

    @Override
    public Value loss() {
        return loss;
    }

    // Virtual tokens are in no reference.
    @Override
    public int[] realRows(String output) {
        return output.startsWith(ENCODER) ? batch.source().places() : null;
    }

    @Override
    public void write(Program program) {
        program.setRows(source.sequences(), prompted.sequences());
        write(program, TextInputs.SOURCE, source, prompted, "encoder");
        write(program, TextInputs.TARGET, target, batch.target(), "decoder");
        int[] labels = Arrays.stream(batch.labels()).map(label -> label == EncoderBatch.IGNORED ? 0 : label).toArray();
        program.input(LABELS).put(0, labels, labels.length);
        program.input(WEIGHTS).put(0, EncoderBatch.lossWeights(batch.labels()));
    }

    private void write(Program program, String prefix, TextInputs inputs, PackedRows rows, String stack) {
        program.setRows(inputs.tokens(), rows.tokens());
        put(program, prefix + TextInputs.IDS, rows.ids());
        put(program, prefix + TextInputs.OFFSETS, rows.offsets());
        if (inputs.positions() != null) {
            put(program, prefix + TextInputs.POSITIONS, rows.positions(firstPosition + layers.positionShift(stack)));
        }
    }

    private static void put(Program program, String input, int[] values) {
        program.input(input).put(0, values, values.length);
    }
}
