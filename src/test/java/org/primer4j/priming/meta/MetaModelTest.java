package org.primer4j.priming.meta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.model.ParameterLayout.Entry;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.Lora;
import org.primer4j.priming.Tunables;
import org.primer4j.training.LossGraph;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingException;

class MetaModelTest {

    private static final int ROOM = 400;
    /** A part holds a row or two. */
    private static final int NARROW = 30;

    private interface Body<R> {

        <E extends TaskRow> R run(MetaCase<E> meta, MetaModel<E> model);
    }

    private static <E extends TaskRow, R> R with(MetaCase<E> meta, Tunables tune, Tunables inner, MetaSettings settings, Body<R> body) {
        try (Weights weights = new Weights(meta.model.weights());
             MetaModel<E> model = meta.model(weights, MetaCase.adaptation(MetaCase.LORA, tune, inner, tensor -> true), settings)) {
            return body.run(meta, model);
        }
    }

    private static Map<String, float[]> gradient(MetaCase<?> meta, Tunables tune, Tunables inner, int lanes, MetaAlgorithm algorithm) {
        return with(meta, tune, inner, MetaCase.settings(lanes, 2, true), new Body<>() {
            @Override
            public <E extends TaskRow> Map<String, float[]> run(MetaCase<E> m, MetaModel<E> model) {
                return MetaCase.gradient(model, algorithm, m.episodes(3, 2));
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"PEFT, PEFT", "BOTH, PEFT", "PLM, PEFT", "PLM, PLM"})
    void tasksSideBySideAreAsOneAfterTheOther(Tunables tune, Tunables inner) {
        for (MetaCase<?> meta : List.of(MetaCase.bart(ROOM), MetaCase.bert(ROOM))) {
            Map<String, float[]> alone = gradient(meta, tune, inner, 1, new Maml());
            for (int lanes : new int[] {2, 3, 4}) {
                assertEquals(0, MetaCase.error(gradient(meta, tune, inner, lanes, new Maml()), alone), 2e-5);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"PEFT, PEFT, 3", "BOTH, PEFT, 2", "PLM, PLM, 1"})
    void aBatchInPartsIsTheWholeBatch(Tunables tune, Tunables inner, int lanes) {
        Map<String, float[]> bart = gradient(MetaCase.bart(ROOM), tune, inner, lanes, new Maml());
        assertEquals(0, MetaCase.error(gradient(MetaCase.bart(NARROW), tune, inner, lanes, new Maml()), bart), 2e-5);
        Map<String, float[]> bert = gradient(MetaCase.bert(ROOM), tune, inner, lanes, new Maml());
        assertEquals(0, MetaCase.error(gradient(MetaCase.bert(3 * NARROW), tune, inner, lanes, new Maml()), bert), 2e-5);
    }

    @Test
    void memoryHardlyDependsOnTheNumberOfSteps() {
        long[] bytes = new long[2];
        for (int i = 0; i < 2; i++) {
            bytes[i] = with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, MetaCase.settings(3, i == 0 ? 1 : 16, true), new Body<Long>() {
                @Override
                public <E extends TaskRow> Long run(MetaCase<E> m, MetaModel<E> model) {
                    return model.bytes() - model.phi().bytes();
                }
            });
        }
        assertEquals(bytes[0], bytes[1]);
    }

    @Test
    void stepsAllocateNoNativeMemory() {
        MetaSettings settings = new MetaSettings(2, 2, MetaCase.RATE, true, true, Optimizer.AdamW.with(0, 1));
        with(MetaCase.bart(NARROW), Tunables.PLM, Tunables.PEFT, settings, new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                allocatesNothing(m, model, new Maml());
                allocatesNothing(m, model, new Fomaml());
                return null;
            }
        });
        with(MetaCase.bart(NARROW), Tunables.PEFT, Tunables.PEFT, MetaCase.reptile(2, 2, MetaCase.RATE), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                allocatesNothing(m, model, new Reptile());
                return null;
            }
        });
    }

    private static <E extends TaskRow> void allocatesNothing(MetaCase<E> meta, MetaModel<E> model, MetaAlgorithm algorithm) {
        long before = model.bytes();
        algorithm.outerStep(model, meta.episodes(3, 2), 1e-4);
        assertEquals(before, model.bytes(), algorithm.toString());
    }

    /** Neither adjoint nor moments: values, gradients and their sum a lane; values and the sum of moves outside. */
    @Test
    void reptileKeepsWhatItNeedsAlone() {
        with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, MetaCase.reptile(3, 2, MetaCase.RATE), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                new Reptile().outerStep(model, m.episodes(3, 2), 0.5);
                assertEquals(3L * 3 * model.phi().layout().size() * Float.BYTES, model.phi().bytes());
                assertEquals(2L * model.theta().layout().size() * Float.BYTES, model.theta().bytes());
                assertThrows(IllegalStateException.class, () -> model.learn(1));
                assertThrows(IllegalStateException.class, model::collect);
                return null;
            }
        });
    }

    @Test
    void anEpisodeWithoutAQueryIsNotLearnedFrom() {
        with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, MetaCase.settings(2, 1, false), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                List<Episode<E>> episodes = List.of(m.episodes(1, 1).get(0), new Episode<>("queryless", List.of(m.rows.subList(0, 2)), List.of()));
                String message = assertThrows(IllegalArgumentException.class, () -> new Fomaml().outerStep(model, episodes, 1e-3)).getMessage();
                assertTrue(message.contains("queryless"), message);
                assertThrows(IllegalStateException.class, () -> model.collectMoves(1));
                return null;
            }
        });
    }

    @Test
    void secondDerivativesRunInTheGradientsMemory() {
        long[] bytes = new long[2];
        for (int i = 0; i < 2; i++) {
            bytes[i] = with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, MetaCase.settings(3, 1, i == 1), new Body<Long>() {
                @Override
                public <E extends TaskRow> Long run(MetaCase<E> m, MetaModel<E> model) {
                    return model.bytes();
                }
            });
        }
        assertTrue(bytes[1] < 1.3 * bytes[0], bytes[1] + " instead of " + bytes[0]);
    }

    @Test
    void anilMovesTheLastLayerAndTheHeadAlone() {
        MetaCase<?> meta = MetaCase.bert(ROOM);
        try (Weights weights = new Weights(meta.model.weights())) {
            movesTheLastLayerAlone(meta, weights, Tunables.PLM);
            movesTheLastLayerAlone(meta, weights, Tunables.PEFT);
        }
    }

    private static <E extends TaskRow> void movesTheLastLayerAlone(MetaCase<E> meta, Weights weights, Tunables tunables) {
        try (MetaModel<E> model = meta.model(weights, MetaCase.adaptation(MetaCase.LORA, tunables, tunables, meta.lastLayer()), MetaCase.settings(1, 1, true))) {
            model.begin(meta.episodes(1, 1));
            Map<String, float[]> before = new HashMap<>(model.phi().tensors(0));
            model.adapt(0);
            int moved = 0;
            for (Map.Entry<String, float[]> entry : model.phi().tensors(0).entrySet()) {
                boolean same = Arrays.equals(before.get(entry.getKey()), entry.getValue());
                boolean last = entry.getKey().contains("layer.1.") || entry.getKey().startsWith("score.");
                assertTrue(same || last, entry.getKey());
                moved += same ? 0 : 1;
            }
            assertTrue(moved > 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void reptileMovesToTheMeanOfTheEnds(int lanes) {
        with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, MetaCase.reptile(lanes, 2, MetaCase.RATE), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                List<Episode<E>> episodes = m.episodes(3, 2);
                Map<String, float[]> expected = new HashMap<>(model.theta().tensors(0));
                for (Episode<E> episode : episodes) {
                    model.begin(List.of(episode));
                    model.adapt(0);
                    model.adapt(1);
                    for (Entry entry : model.theta().layout().entries()) {
                        float[] start = model.theta().read(0, entry.name());
                        float[] end = model.phi().read(0, entry.name());
                        for (int i = 0; i < end.length; i++) {
                            expected.get(entry.name())[i] += 0.5f * (end[i] - start[i]) / 3;
                        }
                    }
                }
                new Reptile().outerStep(model, episodes, 0.5);
                assertEquals(0, MetaCase.error(model.theta().tensors(0), expected), 1e-6);
                return null;
            }
        });
    }

    @Test
    void theMultiStepLossIsDifferentiated() {
        Maml multi = new Maml(List.of(0.2, 0.3, 0.5));
        with(MetaCase.bart(ROOM), Tunables.BOTH, Tunables.PEFT, MetaCase.settings(2, 3, true), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                List<Episode<E>> episodes = m.episodes(3, 3);
                Map<String, float[]> gradient = MetaCase.gradient(model, multi, episodes);
                double exact = MetaGradientTest.difference(model.theta(), gradient, () -> multiStep(model, episodes, multi.stepWeights()));
                assertEquals(exact, Math.sqrt(MetaCase.dot(gradient, gradient)), 1e-3 * exact);
                return null;
            }
        });
    }

    // Forward alone.
    private static <E> double multiStep(MetaModel<E> model, List<Episode<E>> episodes, List<Double> weights) {
        double loss = 0;
        for (Episode<E> episode : episodes) {
            model.begin(List.of(episode));
            for (int k = 0; k < weights.size(); k++) {
                model.adapt(k);
                loss += weights.get(k) * model.learn(0)[0] / episodes.size();
            }
        }
        return loss;
    }

    @Test
    void theInnerRatesGradientIsTheDerivativeByThem() {
        MetaSettings settings = new MetaSettings(2, 2, 0.3, true, true, Optimizer.AdamW.with(0, 1));
        with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, settings, new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                List<Episode<E>> episodes = m.episodes(3, 2);
                model.clear();
                new Maml().learn(model, episodes);
                String name = model.rates().layout().entries().get(0).name();
                Map<String, float[]> gradient = Map.of(name, model.rates().read(Parameters.GRADIENT_SUM, 0, name));
                double exact = MetaGradientTest.difference(model.rates(), gradient, () -> MetaGradientTest.loss(model, new Fomaml(), episodes));
                assertEquals(exact, Math.sqrt(MetaCase.dot(gradient, gradient)), 1e-3 * exact);
                Map<String, Float> before = model.innerRates();
                new Maml().outerStep(model, episodes, 1e-3);
                model.innerRates().forEach((tensor, rate) -> assertEquals(1e-3, Math.abs(rate - before.get(tensor)), 1e-4, tensor));
                return null;
            }
        });
    }

    /** ANIL leaves a method's parameters outside the last layer alone, also where it learns how fast the others adapt. */
    @Test
    void ratesThatAreZeroAreNotLearned() {
        MetaCase<?> meta = MetaCase.bert(ROOM);
        MetaSettings settings = new MetaSettings(2, 2, MetaCase.RATE, true, true, Optimizer.AdamW.with(0, 1));
        try (Weights weights = new Weights(meta.model.weights())) {
            learnsTheRatesOfTheLastLayerAlone(meta, weights, settings);
        }
    }

    private static <E extends TaskRow> void learnsTheRatesOfTheLastLayerAlone(MetaCase<E> meta, Weights weights, MetaSettings settings) {
        MetaAdaptation adaptation = MetaCase.adaptation(MetaCase.LORA, Tunables.PEFT, Tunables.PEFT, meta.lastLayer());
        try (MetaModel<E> model = meta.model(weights, adaptation, settings)) {
            Map<String, Float> before = model.innerRates();
            for (int i = 0; i < 2; i++) {
                new Anil().outerStep(model, meta.episodes(3, 2), 1e-3);
            }
            assertTrue(before.containsValue(0f) && before.containsValue((float) MetaCase.RATE), before.toString());
            model.innerRates().forEach((tensor, rate) -> assertEquals(before.get(tensor) == 0, rate == 0, tensor));
            model.innerRates().forEach((tensor, rate) -> assertEquals(before.get(tensor) == 0, rate.equals(before.get(tensor)), tensor));
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        with(MetaCase.bert(ROOM), Tunables.PLM, Tunables.PEFT, MetaCase.settings(2, 1, true), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                float[][] ends = new float[3][];
                for (int run = 0; run < 3; run++) {
                    model.reset(run == 2 ? 6 : 5);
                    new Maml().outerStep(model, m.episodes(3, 1), 1e-2);
                    new Fomaml().outerStep(model, m.episodes(2, 1), 1e-2);
                    assertEquals(2, model.updates());
                    ends[run] = model.theta().vector(Parameters.VALUES).readFloats(0, model.theta().layout().size());
                }
                assertArrayEquals(ends[0], ends[1]);
                assertTrue(!Arrays.equals(ends[0], ends[2]));
                return null;
            }
        });
    }

    @Test
    void divergenceLeavesThetaAsItWas() {
        divergenceLeavesThetaAsItWas(MetaCase.settings(2, 2, 1e30, true), List.of(new Maml(), new Fomaml()));
        divergenceLeavesThetaAsItWas(MetaCase.reptile(2, 2, 1e30), List.of(new Reptile()));
    }

    private static void divergenceLeavesThetaAsItWas(MetaSettings wild, List<MetaAlgorithm> algorithms) {
        with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, wild, new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                Map<String, float[]> before = model.theta().tensors(0);
                for (MetaAlgorithm algorithm : algorithms) {
                    String message = assertThrows(TrainingException.class, () -> algorithm.outerStep(model, m.episodes(3, 2), 1e-3)).getMessage();
                    assertTrue(message.startsWith("outer step 1: "), message);
                }
                assertEquals(0, MetaCase.error(model.theta().tensors(0), before));
                return null;
            }
        });
    }

    @Test
    void whatComesOutOfTurnIsRefused() {
        with(MetaCase.bart(ROOM), Tunables.PEFT, Tunables.PEFT, MetaCase.settings(2, 2, false), new Body<Void>() {
            @Override
            public <E extends TaskRow> Void run(MetaCase<E> m, MetaModel<E> model) {
                assertThrows(IllegalStateException.class, () -> model.adapt(0));
                assertThrows(IllegalArgumentException.class, () -> model.begin(m.episodes(3, 2)));
                assertThrows(IllegalArgumentException.class, () -> model.begin(m.episodes(1, 3)));
                model.begin(m.episodes(2, 2));
                assertThrows(IllegalStateException.class, () -> model.adapt(1));
                model.adapt(0);
                assertThrows(IllegalStateException.class, () -> model.unroll(0));
                model.close();
                assertThrows(IllegalStateException.class, () -> model.adapt(1));
                return null;
            }
        });
    }

    @Test
    void dropoutIsRefused() {
        MetaCase<?> meta = MetaCase.bart(ROOM);
        MetaAdaptation dropping = new MetaAdaptation(new Lora(2, 4, 0.1, Set.of("query")), Tunables.PEFT, Tunables.PEFT, true);
        try (Weights weights = new Weights(meta.model.weights())) {
            String message = assertThrows(BadInputException.class, () -> MetaModel.of(meta.learner, meta.model, weights, dropping,
                MetaCase.settings(1, 1, true), Device.cpu(2))).getMessage();
            assertTrue(message.contains("dropout"), message);
        }
    }

    @Test
    void theModelsOwnDropoutIsOff() {
        Map<String, float[]> plain = gradient(MetaCase.bart(ROOM), Tunables.PLM, Tunables.PLM, 1, new Maml());
        Map<String, float[]> dropping = gradient(MetaCase.bartWithDropout(ROOM), Tunables.PLM, Tunables.PLM, 1, new Maml());
        plain.forEach((name, values) -> assertArrayEquals(values, dropping.get(name), name));
    }

    @Test
    void whatCannotBeOpenedGivesItsMemoryBack() {
        MetaCase<?> meta = MetaCase.bart(ROOM);
        long before = Engine.allocatedBytes();
        try (Weights weights = new Weights(meta.model.weights())) {
            assertThrows(IllegalStateException.class, () -> openWithoutAWriter(meta, weights));
            assertEquals(weights.bytes(), Engine.allocatedBytes() - before);
        }
        assertEquals(before, Engine.allocatedBytes());
    }

    private static <E extends TaskRow> void openWithoutAWriter(MetaCase<E> meta, Weights weights) {
        MetaAdaptation adaptation = MetaCase.adaptation(MetaCase.LORA, Tunables.PEFT, Tunables.PEFT, tensor -> true);
        LossGraphs<E> broken = (lanes, share) -> {
            LossGraph<E> whole = meta.learner.lossGraph(meta.model, adaptation, 0, lanes, share);
            return new LossGraph<>(whole.loss(), whole.adaptation(), program -> {
                throw new IllegalStateException("no writer");
            });
        };
        new MetaModel<>(broken, adaptation, weights, MetaCase.settings(2, 2, true), Device.cpu(1)).close();
    }

    @Test
    void loopsThatNoAlgorithmHasAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MetaAdaptation(MetaCase.LORA, Tunables.PEFT, Tunables.PLM, true));
        assertThrows(IllegalArgumentException.class, () -> new MetaAdaptation(null, Tunables.PLM, Tunables.PEFT, true));
        assertThrows(IllegalArgumentException.class, () -> new MetaAdaptation(MetaCase.LORA, Tunables.PLM, Tunables.PLM, true));
        assertThrows(BadInputException.class, () -> LastLayer.of(List.of("shared.weight")));
    }
}
