package org.primer4j.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.primer4j.BadInputException;
import org.primer4j.model.ParameterLayout;
import org.primer4j.random.Philox;

class CombinationTest {

    private static final PeftMethod PREFIX = PrefixTuning.everywhere(3);
    private static final PeftMethod PARALLEL = new ParallelAdapter(4, 4);
    private static final PeftMethod HOULSBY = new BottleneckAdapter(4, BottleneckAdapter.Placement.HOULSBY);
    private static final PeftMethod PFEIFFER = new BottleneckAdapter(4, BottleneckAdapter.Placement.PFEIFFER);
    private static final PeftMethod LORA = Lora.queryValue(2, 4);

    static Stream<List<PeftMethod>> clashes() {
        return Stream.of(List.of(HOULSBY, PARALLEL), List.of(PFEIFFER, HOULSBY), List.of(PREFIX, new SlotPrefix(3, 2)), List.of(LORA, Lora.queryValue(3, 4)),
            List.of(new PromptTuning(2), new PromptTuning(3)), List.of(new FullTuning(true), LORA), List.of(LORA, new FullTuning(false)),
            List.of(new BitFit(), new BitFit()), List.of(new Combination(List.of(PREFIX, PARALLEL)), LORA), List.of(LORA, PREFIX, PARALLEL, PFEIFFER));
    }

    @ParameterizedTest
    @MethodSource("clashes")
    void methodsOfOnePlaceAreRefused(List<PeftMethod> parts) {
        String sentence = assertThrows(BadInputException.class, () -> new Combination(parts)).getMessage();
        assertTrue(sentence.contains("the same place"), sentence);
    }

    @Test
    void onePartIsNoCombination() {
        assertThrows(IllegalArgumentException.class, () -> new Combination(List.of(LORA)));
        assertThrows(IllegalArgumentException.class, () -> new Combination(List.of()));
    }

    @Test
    void aLayerOfTwoMethodsIsRefused() {
        PeftMethod both = new Combination(List.of(LORA, Ia3.standard()));
        String sentence = assertThrows(BadInputException.class, () -> PeftModels.layout(Seq2SeqConfigs.BART, both)).getMessage();
        assertTrue(sentence.contains("lora and ia3") && sentence.contains("encoder.layers.0.self_attn.v_proj"), sentence);
    }

    static Stream<Combination> fitting() {
        PeftMethod ia3 = new Ia3(Set.of("key", "fc2", "wo"), Set.of("fc2", "wo"));
        return Stream.of(new Combination(List.of(PREFIX, PARALLEL)), new Combination(List.of(PARALLEL, PREFIX)),
            new Combination(List.of(LORA, ia3, PREFIX, HOULSBY, new PromptTuning(2))), new Combination(List.of(PFEIFFER, LORA)),
            new Combination(List.of(new BitFit(), PARALLEL)), new Combination(List.of(new BitFit(), HOULSBY)), new Combination(List.of(PFEIFFER, new BitFit())));
    }

    /** A combination has its parts' parameters, each part's by itself. */
    @ParameterizedTest
    @MethodSource("fitting")
    void hasThePartsParameters(Combination method) {
        Seq2SeqConfigs.ALL.forEach(model -> {
            Set<String> expected = new TreeSet<>();
            method.parts().forEach(part -> expected.addAll(names(PeftModels.layout(model, part))));
            assertEquals(expected, new TreeSet<>(names(PeftModels.layout(model, method))));
            names(PeftModels.layout(model, method)).forEach(name -> assertEquals(1, method.parts().stream().filter(p -> p.owns(name)).count(), name));
        });
        assertEquals(method.parts().stream().mapToInt(PeftMethod::promptLength).sum(), method.promptLength());
        assertEquals(method.parts().contains(PREFIX) ? 3 : 0, method.positionShift("decoder"));
    }

    @Test
    void eachPartDrawsItsOwnStartValues() {
        Combination method = new Combination(List.of(new BitFit(), PARALLEL, LORA));
        float[] a = method.initial("encoder.layers.0.self_attn.q_proj.lora_A.weight", 2, 24, null, new Philox(1, "a"));
        float[] up = method.initial("encoder.layers.0.fc2.adapter.up.weight", 2, 24, null, new Philox(1, "a"));
        assertEquals(0, method.initial("encoder.layers.0.fc2.adapter.up.bias", 1, 24, null, new Philox(1, "a"))[0]);
        assertTrue(a[0] != 0 && Math.abs(a[0]) < 1 / Math.sqrt(24));
        assertEquals(0, up[0]);
        assertThrows(IllegalArgumentException.class, () -> method.initial("strange", 2, 24, null, new Philox(1, "a")));
    }

    private static Set<String> names(ParameterLayout layout) {
        Set<String> names = new HashSet<>();
        layout.entries().forEach(entry -> names.add(entry.name()));
        return names;
    }
}
