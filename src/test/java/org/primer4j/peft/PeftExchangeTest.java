package org.primer4j.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorData;

/** Adapters that the peft library wrote, read and written again; and ours in its layout. */
class PeftExchangeTest {

    private static final Path SHARED = Path.of("../shared/golden");

    @TempDir
    Path temporary;

    @ParameterizedTest
    @CsvSource({"bert, lora_qv, bert.", "bert, lora_all, bert.", "bert, ia3, bert.", "bert, prefix, ''", "bert, prompt, ''", "bart, lora_qv, model.",
        "bart, lora_all, model.", "bart, ia3, model.", "bart, prefix, ''", "bart, prompt, ''"})
    void peftsAdaptersComeBackAsTheyWere(String base, String method, String prefix) {
        Path folder = SHARED.resolve("peft/" + base + "_" + method);
        assumeTrue(Files.isDirectory(folder));
        ModelConfig model = ModelConfig.read(SHARED.resolve("models/" + base + "/config.json"));
        TrainedAdapter adapter = PeftFolder.read(folder);
        assertFits(model, adapter);
        PeftTarget target = model instanceof EncoderConfig encoder ? PeftTarget.ofEncoder(encoder, prefix) : PeftTarget.of(model);
        PeftFolder.write(temporary.resolve("again"), adapter, target);
        assertSame(tensors(folder), tensors(temporary.resolve("again")));
        assertSameConfig(AdapterJson.read(folder.resolve("adapter_config.json")), AdapterJson.read(temporary.resolve("again/adapter_config.json")));
    }

    // The library drops the layers' names for peft's own defaults: everything we write must be as it was.
    private static void assertSameConfig(AdapterJson expected, AdapterJson found) {
        found.root().fieldNames().forEachRemaining(field -> assertEquals(text(expected, field), text(found, field), field));
    }

    private static String text(AdapterJson config, String field) {
        if (config.get(field).isArray()) {
            return new TreeSet<>(config.texts(field)).toString();
        }
        return config.get(field).isNumber() ? String.valueOf(config.number(field)) : config.get(field).toString();
    }

    static Stream<PeftMethod> methods() {
        Set<AttentionSite> self = Set.of(AttentionSite.ENCODER, AttentionSite.DECODER);
        return Stream.of(Lora.queryValue(2, 4), new Lora(2, 4, 0, Set.of(), true), Ia3.standard(), PrefixTuning.everywhere(3),
            new PrefixTuning(1, Set.of(AttentionSite.CROSS)), new PrefixTuning(2, self), new PromptTuning(4), new PromptTuning(4, 4),
            new BottleneckAdapter(3, BottleneckAdapter.Placement.HOULSBY), new BottleneckAdapter(3, BottleneckAdapter.Placement.PFEIFFER),
            new ParallelAdapter(3, 4), new FullTuning(true), new FullTuning(false),
            new Combination(List.of(PrefixTuning.everywhere(2), new ParallelAdapter(3, 4))),
            new Combination(List.of(Lora.queryValue(2, 4), new PromptTuning(2), new BottleneckAdapter(1, BottleneckAdapter.Placement.PFEIFFER))));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void oursComeBackAsTheyWere(PeftMethod method) {
        for (ModelConfig model : Seq2SeqConfigs.ALL) {
            TrainedAdapter adapter = PeftModels.random(model, method, 7);
            Path folder = temporary.resolve(model.modelType());
            PeftFolder.write(folder, adapter, PeftTarget.of(model));
            TrainedAdapter read = PeftFolder.read(folder);
            assertFits(model, read);
            assertSame(adapter.tensors(), read.tensors());
        }
    }

    @Test
    void bitFitAndSlotsComeBackOnBart() {
        ModelConfig bart = Seq2SeqConfigs.BART;
        for (PeftMethod method : List.of(new BitFit(), new SlotPrefix(3, 2), new Combination(List.of(new SlotPrefix(3, 2), new BitFit())))) {
            TrainedAdapter adapter = PeftModels.random(bart, method, 3);
            Path folder = temporary.resolve(method.methodName());
            PeftFolder.write(folder, adapter, PeftTarget.of(bart));
            assertEquals(method, PeftFolder.read(folder).method());
            assertSame(adapter.tensors(), PeftFolder.read(folder).tensors());
        }
    }

    /** Slots of all layers are there, read or not: 4 i and 4 i + 1 modulo 2 L, of which peft reads slots 0 and 1 for L = 2. */
    @Test
    void layersOfBartShareSlots() {
        assertEquals(4, PeftModels.layout(Seq2SeqConfigs.BART, new SlotPrefix(3, 2)).entries().size());
        assertThrows(BadInputException.class, () -> PeftModels.layout(Seq2SeqConfigs.T5, new SlotPrefix(3, 2)));
        assertThrows(BadInputException.class, () -> PeftModels.layout(Seq2SeqConfigs.BART, new SlotPrefix(3, 1)));
    }

    @Test
    void ourOwnPlacesSaySo() {
        PeftFolder.write(temporary.resolve("a"), PeftModels.random(Seq2SeqConfigs.BART, PrefixTuning.everywhere(3), 7),
            PeftTarget.of(Seq2SeqConfigs.BART));
        AdapterJson config = AdapterJson.read(temporary.resolve("a/adapter_config.json"));
        assertEquals("primer4j", config.text("made_for"));
        assertEquals("PREFIX", config.text("peft_type"));
        assertEquals(Set.of("encoder", "decoder", "cross"), config.texts("sites"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert_prefix", "bart_prompt", "bert_ia3"})
    void unknownOptionsAreRefusedByName(String name) throws IOException {
        Path folder = SHARED.resolve("peft/" + name);
        assumeTrue(Files.isDirectory(folder));
        Path copy = Files.createDirectory(temporary.resolve("copy"));
        Files.copy(folder.resolve("adapter_model.safetensors"), copy.resolve("adapter_model.safetensors"));
        String config = Files.readString(folder.resolve("adapter_config.json"));
        for (String option : List.of("\"prefix_projection\": true", "\"rank_pattern\": {\"a\": 2}", "\"brand_new\": 1", "\"exclude_modules\": \"x\"")) {
            String field = option.substring(1, option.indexOf('"', 1));
            String edited = config.replace("\"prefix_projection\": false,", "").replace("\"exclude_modules\": null,", "").replaceFirst("\\{", "{" + option + ",");
            Files.writeString(copy.resolve("adapter_config.json"), edited);
            String sentence = assertThrows(BadInputException.class, () -> PeftFolder.read(copy)).getMessage();
            assertTrue(sentence.contains("'" + field + "'") && sentence.contains(copy.toString()), sentence);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"bert_prefix | \"num_layers\": 3 | \"num_layers\": 2 | prompt_embeddings",
        "bert_prefix | \"num_virtual_tokens\": 3 | \"num_virtual_tokens\": 0 | virtual token", "bert_prefix | \"token_dim\": 40 | \"token_dim\": 41 | [3, 246]",
        "bart_prefix | \"num_transformer_submodules\": 2 | \"num_transformer_submodules\": 3 | num_transformer_submodules",
        "bart_prompt | \"num_virtual_tokens\": 3 | \"num_virtual_tokens\": 4 | [8, 64]", "bart_prompt | \"token_dim\": 64 | \"token_dim\": \"a\" | token_dim",
        "bert_ia3 | \"feedforward_modules\": [ | \"feedforward_modules\": [\"value\", | ia3_l"})
    void badFieldsAreRefused(String name, String from, String to, String fragment) throws IOException {
        Path folder = SHARED.resolve("peft/" + name);
        assumeTrue(Files.isDirectory(folder));
        Path copy = Files.createDirectory(temporary.resolve("copy"));
        Files.copy(folder.resolve("adapter_model.safetensors"), copy.resolve("adapter_model.safetensors"));
        String config = Files.readString(folder.resolve("adapter_config.json"));
        assertTrue(config.contains(from), config);
        Files.writeString(copy.resolve("adapter_config.json"), config.replace(from, to));
        String sentence = assertThrows(BadInputException.class, () -> PeftFolder.read(copy)).getMessage();
        assertTrue(sentence.contains(fragment) && sentence.contains(copy.toString()), sentence);
    }

    private static void assertFits(ModelConfig model, TrainedAdapter adapter) {
        Map<String, List<Integer>> expected = new LinkedHashMap<>();
        PeftModels.layout(model, adapter.method()).entries().forEach(entry -> expected.put(entry.name(), list(TrainedAdapter.shape(entry))));
        Map<String, List<Integer>> found = new LinkedHashMap<>();
        adapter.tensors().forEach((name, tensor) -> found.put(name, list(tensor.shape())));
        assertEquals(expected, found);
    }

    private static List<Integer> list(long[] shape) {
        List<Integer> list = new ArrayList<>();
        for (long size : shape) {
            list.add((int) size);
        }
        return list;
    }

    // A prompt that had no spare rows has none again; everything else is bit by bit.
    private static void assertSame(Map<String, TensorData> expected, Map<String, TensorData> found) {
        assertEquals(new TreeSet<>(expected.keySet()), new TreeSet<>(found.keySet()));
        expected.forEach((name, tensor) -> {
            assertArrayEquals(tensor.shape(), found.get(name).shape(), name);
            assertArrayEquals(tensor.floats(), found.get(name).floats(), name);
        });
    }

    private static Map<String, TensorData> tensors(Path folder) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
            file.names().forEach(name -> tensors.put(name, TensorData.of(file.info(name).shape(), file.floats(name))));
        }
        return tensors;
    }
}
