package org.primer4j.priming.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.model.Weights;
import org.primer4j.objective.TaskRow;
import org.primer4j.priming.Tunables;
import org.primer4j.training.Parameters;

/** The meta-gradient against differences of the meta-loss. */
class MetaGradientTest {

    /** Of differences of float32 losses; first-order gradients are off by far more. */
    private static final double TOLERANCE = 3e-3;

    @ParameterizedTest
    @CsvSource({"PLM, PLM, 1", "PLM, PLM, 3", "PEFT, PEFT, 1", "PEFT, PEFT, 3", "BOTH, PEFT, 1", "BOTH, PEFT, 3", "PLM, PEFT, 2", "BOTH, BOTH, 2"})
    void isTheDerivativeOfTheMetaLoss(Tunables tune, Tunables inner, int steps) {
        check(MetaCase.bart(400), tune, inner, steps, tensor -> true);
        check(MetaCase.bert(400), tune, inner, steps, tensor -> true);
    }

    @ParameterizedTest
    @CsvSource({"PLM, PLM, 2", "PEFT, PEFT, 2", "BOTH, PEFT, 1"})
    void ofAnil(Tunables tune, Tunables inner, int steps) {
        MetaCase<?> bart = MetaCase.bart(400);
        check(bart, tune, inner, steps, bart.lastLayer());
        MetaCase<?> bert = MetaCase.bert(400);
        check(bert, tune, inner, steps, bert.lastLayer());
    }

    private <E extends TaskRow> void check(MetaCase<E> meta, Tunables tune, Tunables inner, int steps, Predicate<String> adapted) {
        int lanes = inner.plm() ? 1 : 2;
        List<Episode<E>> episodes = meta.episodes(3, steps);
        try (Weights weights = new Weights(meta.model.weights());
             MetaModel<E> model = meta.model(weights, meta.adaptation(tune, inner, adapted), MetaCase.settings(lanes, steps, true))) {
            Map<String, float[]> gradient = MetaCase.gradient(model, new Maml(), episodes);
            Map<String, float[]> first = MetaCase.gradient(model, new Fomaml(), episodes);
            double exact = difference(model.theta(), gradient, () -> loss(model, new Fomaml(), episodes));
            double length = Math.sqrt(MetaCase.dot(gradient, gradient));
            System.out.printf("%s %s %d: norm %.5g, difference %.5g (%.1e), first order %.1e%n", tune, inner, steps, length, exact,
                Math.abs(length - exact) / exact, MetaCase.error(first, gradient));
            assertEquals(exact, length, TOLERANCE * exact);
            assertTrue(MetaCase.error(first, gradient) > 10 * TOLERANCE, "the second order hardly matters here");
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
        double step = 0.05 / Math.max(1, length);
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
