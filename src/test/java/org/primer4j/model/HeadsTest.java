package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.Lora;

/** The heads on made-up hidden states, against loops in double precision. */
class HeadsTest {

    private static final EncoderConfig ROBERTA = config("roberta");
    private static final int D = 21;
    private static final int[] OFFSETS = {0, 4, 5, 11};
    private static final long SEED = 7;

    private final Graph graph = new Graph(1, DType.F32);
    private final Map<String, TensorData> weights = new LinkedHashMap<>();
    private final float[] hidden = random(new Random(SEED), 11 * D);

    private static EncoderConfig config(String type) {
        return new EncoderConfig(type, 17, D, 1, 3, 5, 30, 1, 1e-5, "gelu", 1, 0, 0);
    }

    @Test
    void poolerReadsEachSequencesFirstToken() {
        TextInputs in = inputs(config("bert"));
        Value x = graph.input("hidden", Shape.along(in.tokens(), D));
        float[] pooled = run(in, new Heads(config("bert")).pooled(new Layers(graph, Adaptation.frozen()), x, in));
        for (int n = 0; n < 3; n++) {
            double[] expected = dense("pooler.dense", row(n), true);
            for (int j = 0; j < D; j++) {
                assertEquals(expected[j], pooled[n * D + j], 1e-6, "seed " + SEED + ", sequence " + n + ", column " + j);
            }
        }
    }

    @Test
    void classifierIsDenseTanhProjection() {
        TextInputs in = inputs(ROBERTA);
        Value x = graph.input("hidden", Shape.along(in.tokens(), D));
        float[] logits = run(in, new Heads(ROBERTA).classifier(new Layers(graph, Adaptation.frozen()), x, in, 4));
        for (int n = 0; n < 3; n++) {
            double[] expected = dense("classifier.out_proj", dense("classifier.dense", row(n), true), false);
            for (int j = 0; j < 4; j++) {
                assertEquals(expected[j], logits[n * 4 + j], 1e-5, "seed " + SEED + ", sequence " + n + ", class " + j);
            }
        }
    }

    @Test
    void maskedLmHeadsAreTiedToTheWordEmbeddings() {
        assertEquals(Set.of("cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias",
            "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias", "cls.predictions.bias",
            "embeddings.word_embeddings.weight"), maskedLmWeights(config("bert")));
        assertEquals(Set.of("lm_head.dense.weight", "lm_head.dense.bias", "lm_head.layer_norm.weight", "lm_head.layer_norm.bias", "lm_head.bias",
            "embeddings.word_embeddings.weight"), maskedLmWeights(ROBERTA));
    }

    /** An adaptation of all linear layers changes the encoder, not the head. */
    private static Set<String> maskedLmWeights(EncoderConfig config) {
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("hidden", Shape.along(graph.axis("tokens", 4), D));
        Layers layers = new Layers(graph, new Lora(2, 4, 0, Set.of()));
        assertEquals(config.vocabSize(), new Heads(config).maskedLm(layers, x).cols());
        assertEquals(List.of(), graph.leaves(Leaf.Kind.PARAMETER));
        return graph.leaves(Leaf.Kind.WEIGHT).stream().map(v -> v.node().op().name()).collect(Collectors.toSet());
    }

    private TextInputs inputs(EncoderConfig config) {
        return TextInputs.declare(graph, config, 11, 3);
    }

    private float[] run(TextInputs in, Value output) {
        graph.output("output", output);
        Random random = new Random(SEED + 1);
        for (Value leaf : graph.leaves(Leaf.Kind.WEIGHT)) {
            int rows = leaf.shape().rows(), cols = leaf.cols();
            weights.put(leaf.node().op().name(), TensorData.of(new long[] {rows, cols}, random(random, rows * cols)));
        }
        try (Weights loaded = new Weights(weights);
                Program program = Program.compile(Plan.of(graph), new ModelStorage(loaded, null), Device.cpu(2))) {
            program.setRows(in.tokens(), 11);
            program.setRows(in.sequences(), 3);
            program.input(TextInputs.OFFSETS).put(0, OFFSETS, OFFSETS.length);
            program.input(Heads.FIRST_TOKENS).put(0, OFFSETS, 3);
            program.input("hidden").put(0, hidden);
            program.run(Stage.COMPUTE.bit());
            float[] result = new float[3 * output.cols()];
            program.read(output, result);
            return result;
        }
    }

    private double[] row(int sequence) {
        double[] row = new double[D];
        for (int i = 0; i < D; i++) {
            row[i] = hidden[OFFSETS[sequence] * D + i];
        }
        return row;
    }

    private double[] dense(String name, double[] x, boolean tanh) {
        float[] w = weights.get(name + ".weight").floats(), b = weights.get(name + ".bias").floats();
        double[] y = new double[b.length];
        for (int j = 0; j < y.length; j++) {
            y[j] = b[j];
            for (int i = 0; i < x.length; i++) {
                y[j] += w[j * x.length + i] * x[i];
            }
            y[j] = tanh ? Math.tanh(y[j]) : y[j];
        }
        return y;
    }

    private static float[] random(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (0.5 * random.nextGaussian());
        }
        return values;
    }
}
