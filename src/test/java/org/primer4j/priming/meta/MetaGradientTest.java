package org.primer4j.priming.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;
import org.primer4j.priming.Tunables;

/** The meta-gradient against differences of the meta-loss. */
class MetaGradientTest {

    /** Of differences of float32 losses; first-order gradients are off by far more. */
    private static final double TOLERANCE = 1e-3;

    /** So small that the loss is smooth over it, relu's kinks aside. */
    private static final double STEP = 1.5e-3;

    private static final double RATE = MetaCase.RATE;

    @ParameterizedTest
    @CsvSource({"PLM, PLM, 1", "PLM, PLM, 3", "PEFT, PEFT, 1", "PEFT, PEFT, 3", "BOTH, PEFT, 1", "BOTH, PEFT, 3", "PLM, PEFT, 2", "BOTH, BOTH, 2"})
    void isTheDerivativeOfTheMetaLoss(Tunables tune, Tunables inner, int steps) {
        check(MetaCase.bart(400), MetaCase.LORA, tune, inner, steps, RATE, tensor -> true);
        check(MetaCase.bert(400), MetaCase.LORA, tune, inner, steps, RATE, tensor -> true);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void ofEveryMethod(PeftMethod method, double rate) {
        check(MetaCase.bart(400), method, Tunables.BOTH, Tunables.PEFT, 2, rate, tensor -> true);
        check(MetaCase.bert(400), method, Tunables.PEFT, Tunables.PEFT, 2, rate, tensor -> true);
    }

    // With rates at which the second order matters, but the loss is not yet rugged.
    static List<Arguments> methods() {
        return List.of(Arguments.of(new BottleneckAdapter(3, BottleneckAdapter.Placement.HOULSBY), RATE), Arguments.of(new ParallelAdapter(3, 1), 0.03),
            Arguments.of(PrefixTuning.everywhere(2), 10 * RATE), Arguments.of(new PromptTuning(2), RATE), Arguments.of(new BitFit(), RATE),
            Arguments.of(Ia3.standard(), RATE), Arguments.of(new Lora(2, 4, 0, Set.of()), 0.003));
    }

    @ParameterizedTest
    @CsvSource({"PLM, PLM, 2", "PEFT, PEFT, 2", "BOTH, PEFT, 1"})
    void ofAnil(Tunables tune, Tunables inner, int steps) {
        MetaCase<?> bart = MetaCase.bart(400);
        check(bart, MetaCase.LORA, tune, inner, steps, RATE, bart.lastLayer());
        MetaCase<?> bert = MetaCase.bert(400);
        check(bert, MetaCase.LORA, tune, inner, steps, RATE, bert.lastLayer());
    }

    // T5 does not scale its scores, so that the loss is smooth over small steps alone, and less so over relu's kinks.
    @ParameterizedTest
    @CsvSource({"PEFT, PEFT, 2, relu, 0.01", "PEFT, PEFT, 2, gated-gelu, 0.03", "PLM, PLM, 2, relu, 0.003", "PLM, PLM, 2, gated-gelu, 0.03",
        "BOTH, PEFT, 2, gated-gelu, 0.03"})
    void ofT5(Tunables tune, Tunables inner, int steps, String feedForward, double rate) {
        check(MetaCase.t5(400, feedForward), MetaCase.LORA, tune, inner, steps, rate, tensor -> true);
    }

    private <E extends TaskRow> void check(MetaCase<E> meta, PeftMethod method, Tunables tune, Tunables inner, int steps, double rate,
                                             Predicate<String> adapted) {
        int lanes = inner.plm() ? 1 : 2;
        List<Episode<E>> episodes = meta.episodes(3, steps);
        try (Weights weights = new Weights(meta.model.weights());
             MetaModel<E> model = meta.model(weights, MetaCase.adaptation(method, tune, inner, adapted), MetaCase.settings(lanes, steps, rate, true))) {
            Map<String, float[]> gradient = MetaCase.gradient(model, new Maml(), episodes);
            Map<String, float[]> first = MetaCase.gradient(model, new Fomaml(), episodes);
            double exact = difference(model.theta(), gradient, () -> loss(model, new Fomaml(), episodes));
            double length = Math.sqrt(MetaCase.dot(gradient, gradient));
            assertEquals(exact, length, TOLERANCE * exact);
            assertTrue(MetaCase.error(first, gradient) > 5 * TOLERANCE, "the second order hardly matters here");
        }
    }

    static <E> double loss(MetaModel<E> model, MetaAlgorithm algorithm, List<Episode<E>> episodes) {
        model.clear();
        return algorithm.learn(model, episodes);
    }

    /** The loss's derivative along a direction of length one, from differences of fourth order. */
    static double difference(Parameters theta, Map<String, float[]> along, DoubleSupplier loss) {
        Map<String, float[]> start = new HashMap<>(theta.tensors(0));
        double length = Math.sqrt(MetaCase.dot(along, along));
        double step = STEP / Math.max(1, length);
        double[] found = new double[2];
        for (int i = 0; i < 2; i++) {
            double h = step * (i + 1);
            double[] ends = new double[2];
            for (int side = 0; side < 2; side++) {
                move(theta, start, along, (side == 0 ? h : -h) / length);
                ends[side] = loss.getAsDouble();
            }
            found[i] = (ends[0] - ends[1]) / (2 * h);
        }
        move(theta, start, along, 0);
        return (4 * found[0] - found[1]) / 3;
    }

    private static void move(Parameters theta, Map<String, float[]> start, Map<String, float[]> along, double by) {
        start.forEach((name, values) -> {
            float[] moved = values.clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] += (float) (by * along.get(name)[i]);
            }
            theta.write(0, name, moved);
        });
    }
}
