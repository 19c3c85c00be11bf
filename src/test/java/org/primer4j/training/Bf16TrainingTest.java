package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import org.primer4j.graph.Bf16;
import org.primer4j.graph.TestDevices;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftMethod;

/**
 * A BART trained in bf16 on CUDA beside the CPU in float32, both from the same weights, which are bf16 numbers: what is left between them is that CUDA
 * rounds the other factors of its products. How far such roundings carry a run is taken from the CPU: it trains once more from the weights before they
 * were rounded.
 */
class Bf16TrainingTest {

    private static final PretrainedModel MODEL = SmallBart.strong(3), ROUNDED = rounded(MODEL);
    private static final List<Seq2SeqExample> ROWS = SmallBart.rows(24, 12, 5);
    /**
     * Roundings on the way of a run. Of the weights: one for each of the model's 17 products with them (6 of the encoder's layer, 10 of the decoder's, the
     * head). Of other factors, by CUDA: x and dy of each of those, and q, k, v, P, do and dS of three attentions, 34 + 18. Adapters' own roundings are
     * not counted: they begin as almost nothing.
     */
    private static final double OF_WEIGHTS = 17, OF_FACTORS = 52;
    /**
     * Of both runs' distances from the first, where all roundings are as large and add up as squares do. It is a bound, as a factor's roundings differ
     * from token to token and average out in part: of 12 models, 0.46 to 1.61. Plain SGD, as AdamW makes a whole step of a gradient that is rounding alone.
     */
    private static final double MOST = Math.sqrt(OF_FACTORS / OF_WEIGHTS);
    /** Half of the smallest of those 12; float32 on CUDA comes to 0.0004. */
    private static final double LEAST = 0.23;
    /** Share of what a run moves: a rounding is off by at most 2^-9, evenly spread up to there by that over the root of 3. */
    private static final double SAME_RUN = Math.sqrt((OF_WEIGHTS + OF_FACTORS) / 3) / (1 << 9);

    private static PretrainedModel rounded(PretrainedModel model) {
        Map<String, TensorData> weights = new LinkedHashMap<>(model.weights());
        weights.replaceAll((name, tensor) -> TensorData.of(tensor.shape(), Bf16.rounded(tensor.floats())));
        return model.withWeights(weights);
    }

    private static PeftMethod method(String name) {
        return switch (name) {
            case "lora" -> new Lora(3, 6, 0, Set.of("query", "value"));
            case "houlsby" -> new BottleneckAdapter(5, BottleneckAdapter.Placement.HOULSBY);
            default -> new FullTuning(true);
        };
    }

    private static float[] values(Trainer<?> trainer) {
        return trainer.parameters().vector(Parameters.VALUES).readFloats(0, trainer.parameters().layout().size());
    }

    /** How three steps move the parameters. */
    private static double[] movement(PretrainedModel model, String method, Device device) {
        try (Weights weights = new Weights(device, model.weights());
             Seq2SeqTrainer trainer = new Seq2SeqTrainer(Seq2Seq.of(SmallBart.TINY), weights, method(method), 0, 0.1, new Optimizer.Sgd(0.9, 1),
                 new Seq2SeqCapacity(600, 300, 64), device)) {
            trainer.reset(11);
            float[] before = values(trainer);
            for (int step = 0; step < 3; step++) {
                trainer.step(ROWS.subList(step * 8, step * 8 + 8), 5e-2);
            }
            float[] after = values(trainer);
            double[] movement = new double[after.length];
            for (int i = 0; i < after.length; i++) {
                movement[i] = (double) after[i] - before[i];
            }
            return movement;
        }
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += Math.pow(a[i] - b[i], 2);
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "houlsby", "full"})
    void roundingCarriesARunNoFurtherThanItDoesOnTheCpu(String method) {
        assumeTrue(TestDevices.hasCuda());
        double[] exact = movement(ROUNDED, method, Device.cpu(1)), other = movement(MODEL, method, Device.cpu(1));
        double[] bf16 = movement(ROUNDED, method, Device.cuda(0).withWeights(WeightType.BF16));
        double moved = distance(exact, new double[exact.length]), byWeights = distance(other, exact), apart = distance(bf16, exact);
        String what = method + " moves by " + moved + ", rounded weights carry it " + byWeights + ", bf16 on CUDA " + apart;
        assertTrue(apart <= MOST * byWeights, what);
        assertTrue(apart >= LEAST * byWeights, "these are not products in bf16: " + what);
        assertTrue(apart <= SAME_RUN * moved, what);
    }
}
