package org.primer4j.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.Combination;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;

/** The cached decoder: as without a cache, for every method, however the sources are put into parts. */
class GeneratorTest {

    private static final int SEED = 7;

    private static GenerationSettings settings(Seq2SeqConfig config, int beams) {
        return new GenerationSettings(beams, 11, 0, 1, EarlyStopping.FALSE, 0, -1, -1, config.eosTokenId(), config.padTokenId(),
            config.decoderStartTokenId());
    }

    private static Stream<Arguments> methods() {
        Map<String, Adaptation> methods = new LinkedHashMap<>();
        methods.put("frozen", Adaptation.frozen());
        methods.put("lora", new Lora(3, 6, 0, Set.of()));
        methods.put("houlsby", new BottleneckAdapter(5, BottleneckAdapter.Placement.HOULSBY));
        methods.put("parallel", new ParallelAdapter(5, 2));
        methods.put("prefix", PrefixTuning.everywhere(3));
        methods.put("prompt", new PromptTuning(4));
        methods.put("ia3", Ia3.standard());
        methods.put("bitfit", new BitFit());
        methods.put("full", new FullTuning(true));
        methods.put("prefix+parallel", new Combination(List.of(PrefixTuning.everywhere(2), new ParallelAdapter(4, 1))));
        // T5 has no biases.
        return methods.entrySet().stream().flatMap(e -> Stream.of("bart", "t5").filter(family -> !(family + e.getKey()).equals("t5bitfit"))
            .map(family -> Arguments.of(family, e.getKey(), e.getValue())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("methods")
    void cachedEqualsUncached(String family, String name, Adaptation method) {
        Seq2SeqConfig config = SmallModels.of(family);
        Seq2Seq model = Seq2Seq.of(config);
        Map<String, TensorData> tensors = SmallModels.weights(config, SEED);
        List<int[]> sources = SmallModels.sources(config, 4, SEED);
        GenerationSettings settings = settings(config, 3);
        try (Weights weights = new Weights(tensors); Parameters parameters = SmallModels.parameters(Generator.layout(model, method), tensors, SEED);
                Generator generator = new Generator(model, weights, method, parameters, settings, new GenerationRoom(4, 64), Device.cpu(2));
                UncachedStep uncached = new UncachedStep(model, weights, method, parameters, sources, 12, settings.maxLength(), settings.candidates())) {
            List<List<Hypothesis>> expected = new BeamSearch(settings, uncached, 4, config.vocabSize()).run(4);
            assertSame(expected, generator.generate(sources));
            assertTrue(name.equals("frozen") || parameters.layout().count() > 0, "the method trains something");
        }
    }

    private static void assertSame(List<List<Hypothesis>> expected, List<List<Hypothesis>> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).size(); j++) {
                Hypothesis e = expected.get(i).get(j), f = found.get(i).get(j);
                assertArrayEquals(e.tokens(), f.tokens(), "source " + i + ", hypothesis " + j + ": " + e + " and " + f);
                assertEquals(e.score(), f.score(), 5e-6 * Math.abs(e.score()), "source " + i + ", hypothesis " + j);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bart", "t5"})
    void partsDoNotMatter(String family) {
        Seq2SeqConfig config = SmallModels.of(family);
        List<int[]> sources = SmallModels.sources(config, 7, SEED);
        GenerationSettings settings = settings(config, 2).withLengths(5, 11).withChoices(2, EarlyStopping.TRUE, 2);
        try (Weights weights = new Weights(SmallModels.weights(config, SEED))) {
            List<List<Hypothesis>> all = generate(config, weights, settings, new GenerationRoom(7, 100), sources);
            assertSame(all, generate(config, weights, settings, new GenerationRoom(2, 100), sources));
            assertSame(all, generate(config, weights, settings, new GenerationRoom(7, 13), sources));
            assertSame(all, generate(config, weights, settings, new GenerationRoom(1, 12), sources));
            assertTrue(all.stream().flatMap(List::stream).allMatch(h -> h.tokens().length >= 5));
        }
    }

    private static List<List<Hypothesis>> generate(Seq2SeqConfig config, Weights weights, GenerationSettings settings, GenerationRoom room,
                                                   List<int[]> sources) {
        try (Generator generator = new Generator(Seq2Seq.of(config), weights, Adaptation.frozen(), null, settings, room, Device.cpu(2))) {
            return generator.generate(sources);
        }
    }

    @Test
    void badSourcesAndSettingsAreRefused() {
        Seq2SeqConfig config = SmallModels.BART;
        GenerationSettings settings = settings(config, 1);
        GenerationRoom room = new GenerationRoom(2, 60);
        try (Weights weights = new Weights(SmallModels.weights(config, SEED))) {
            refused("no tokens", config, weights, settings, room, new int[0]);
            refused("needs 41 positions, and the model has 40", config, weights, settings, room, new int[41]);
            refused("longer than the room of 60", config, weights, settings, room, new int[61]);
            refused("max_length 42 needs 41 positions", config, weights, settings.withLengths(0, 42), room, new int[1]);
            refused("eos_token_id 99", config, weights, GenerationSettings.greedy(99, 0, 0), room, new int[1]);
        }
    }

    private static void refused(String what, Seq2SeqConfig config, Weights weights, GenerationSettings settings, GenerationRoom room, int[] source) {
        BadInputException e = assertThrows(BadInputException.class, () -> generate(config, weights, settings, room, List.of(source)));
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }
}
