package org.primer4j.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.SafetensorsWriter;
import org.primer4j.model.io.TensorData;

class PeftFolderTest {

    private static final EncoderConfig TINY = new EncoderConfig("bert", 29, 24, 2, 3, 20, 13, 2, 1e-12, "gelu", 0, 0, 0);
    private static final PeftTarget TARGET = PeftTarget.of(TINY);
    private static final Map<String, Object> EXTRAS = Map.of("task", "glue-\u00e9\"x", "labels", List.of("yes", "no"), "scale", 20.5);
    private static final String QUERY_A = "base_model.model.encoder.layer.0.attention.self.query.lora_A.weight";

    @TempDir
    Path temporary;

    static Stream<PeftMethod> methods() {
        return Stream.of(Lora.queryValue(3, 5), new Lora(1, 2.5, 0.1, Set.of("output.dense", "key")), new Lora(2, 4, 0, Set.of()),
            new BottleneckAdapter(5, BottleneckAdapter.Placement.HOULSBY), new BottleneckAdapter(1, BottleneckAdapter.Placement.PFEIFFER),
            new Lora(9, 2, 0, Set.of("value"), true), new ParallelAdapter(3, 4), new ParallelAdapter(1, 0.5), Ia3.standard(),
            new Ia3(Set.of("query", "intermediate.dense"), Set.of("intermediate.dense")), new Ia3(Set.of("value"), Set.of()),
            new PrefixTuning(3, Set.of(AttentionSite.ENCODER)), new PromptTuning(1), new PromptTuning(7), new BitFit(), new FullTuning(true),
            new FullTuning(false), new Combination(List.of(new PrefixTuning(2, Set.of(AttentionSite.ENCODER)), new ParallelAdapter(3, 4))),
            new Combination(List.of(new Lora(2, 4, 0, Set.of("query")), new Ia3(Set.of("key"), Set.of()), new PromptTuning(2), new BitFit())));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void readingGivesBackTheSameBits(PeftMethod method) {
        try (Parameters parameters = random(method, 1); Parameters read = random(method, 2)) {
            PeftFolder.write(folder(), TrainedAdapter.of(method, "minilm", parameters, 0, EXTRAS), TARGET);
            TrainedAdapter adapter = PeftFolder.read(folder());
            if (!method.equals(new Lora(2, 4, 0, Set.of())) && !method.equals(Ia3.standard())) {
                assertEquals(method, adapter.method());
            }
            assertEquals("minilm", adapter.baseModel());
            assertEquals(EXTRAS, adapter.extras());
            adapter.writeTo(read, 0);
            parameters.tensors(0).forEach((name, values) -> assertArrayEquals(values, read.read(0, name), name));
        }
    }

    /** "All linear layers" is written layer by layer, which means the same. */
    @Test
    void allLinearLayersStayAllLayers() {
        try (Parameters parameters = random(new Lora(2, 4, 0, Set.of()), 1)) {
            PeftFolder.write(folder(), TrainedAdapter.of(new Lora(2, 4, 0, Set.of()), "", parameters, 0, Map.of()), TARGET);
            Lora read = (Lora) PeftFolder.read(folder()).method();
            assertEquals(12, read.targets().size());
            assertEquals(names(layout(new Lora(2, 4, 0, Set.of()))), names(layout(read)));
        }
    }

    @Test
    void namesAreThoseOfPeft() {
        try (Parameters parameters = random(Lora.queryValue(3, 5), 1)) {
            TrainedAdapter adapter = TrainedAdapter.of(Lora.queryValue(3, 5), "bert", parameters, 0, Map.of());
            PeftFolder.write(folder(), adapter, PeftTarget.ofEncoder(TINY, "bert."));
            try (SafetensorsFile file = SafetensorsFile.open(folder().resolve("adapter_model.safetensors"))) {
                assertEquals(8, file.names().size());
                assertArrayEquals(new long[] {3, 24},
                    file.info("base_model.model.bert.encoder.layer.1.attention.self.value.lora_A.weight").shape());
            }
            assertEquals(adapter.tensors().keySet(), PeftFolder.read(folder()).tensors().keySet());
        }
    }

    @Test
    void anObjectivesHeadIsKept() {
        try (Parameters parameters = random(Lora.queryValue(3, 5), 1)) {
            TrainedAdapter bare = TrainedAdapter.of(Lora.queryValue(3, 5), "", parameters, 0, Map.of());
            Map<String, TensorData> tensors = new LinkedHashMap<>(bare.tensors());
            tensors.put("score.weight", TensorData.of(new long[] {1, 2}, 1, 2));
            PeftFolder.write(folder(), new TrainedAdapter(bare.method(), "", tensors, Map.of()), PeftTarget.ofEncoder(TINY, "bert."));
            TrainedAdapter read = PeftFolder.read(folder());
            assertArrayEquals(new float[] {1, 2}, read.tensors().get("score.weight").floats());
            refused(() -> read.writeTo(parameters, 0), "score.weight", "does not have");
        }
    }

    @Test
    void readsWhatPeftWrote() {
        Path shared = Path.of("../shared/golden/peft/bert_lora_all");
        assumeTrue(Files.isDirectory(shared));
        TrainedAdapter adapter = PeftFolder.read(shared);
        assertEquals(new Lora(3, 5, 0, Set.of("query", "key", "value", "intermediate.dense", "output.dense")), adapter.method());
        assertEquals(36, adapter.tensors().size());
        assertEquals(Map.of(), adapter.extras());
    }

    @Test
    void refusesAnAdapterOfAnotherModelOrMethod() {
        try (Parameters parameters = random(Lora.queryValue(3, 5), 1)) {
            TrainedAdapter adapter = TrainedAdapter.of(Lora.queryValue(3, 5), "minilm", parameters, 0, Map.of());
            for (PeftMethod other : List.of(Lora.queryValue(4, 5), new Lora(3, 5, 0, Set.of("query")), new Lora(3, 5, 0, Set.of()), new BitFit())) {
                try (Parameters strange = random(other, 2)) {
                    refused(() -> adapter.writeTo(strange, 0), "minilm", "tensor");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"LORA\"|\"ADALORA\"|peft_type", "\"LORA\"|7|peft_type", "\"r\" : 3|\"r\" : 0|rank", "\"r\" : 3|\"r\" : 2.5|'r'",
        "\"r\" : 3|\"r\" : 4|lora_A", "\"r\" : 3|\"r\" : 99999999999|'r'", "5.0|\"x\"|lora_alpha", "5.0|-1|alpha",
        "\"none\"|\"all\"|bias", "[ \"query\", \"value\" ]|[ \"query\" ]|target_modules", "[ \"query\", \"value\" ]|\"que.*\"|target_modules",
        "[ \"query\", \"value\" ]|[ ]|target_modules", "[ \"query\", \"value\" ]|[ 3 ]|target_modules",
        "\"none\"|\"none\", \"use_dora\": true|use_dora", "\"none\"|\"none\", \"new_option\": 0.5|new_option",
        "\"none\"|\"none\", \"exclude_modules\": [\"key\"]|exclude_modules", "\"use_rslora\" : false|\"use_rslora\" : 1|use_rslora", "\"none\"|\"none\", \"rank_pattern\": {\"query\": 2}|rank_pattern",
        "\"none\"|\"none\", \"init_lora_weights\": \"pissa\"|init_lora_weights", "\"none\"|\"none\", \"r\": 3|line"})
    void refusesBadSettings(String from, String to, String fragment) throws IOException {
        writeLora();
        edit("adapter_config.json", text -> text.replace(from, to));
        refused(() -> PeftFolder.read(folder()), folder().toString(), fragment);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{} {}"})
    void refusesWhatIsNoJsonObject(String json) throws IOException {
        writeLora();
        edit("primer.json", text -> json);
        refused(() -> PeftFolder.read(folder()), "primer.json");
        edit("adapter_config.json", text -> json);
        refused(() -> PeftFolder.read(folder()), "adapter_config.json");
    }

    @Test
    void refusesExtrasOfAnotherVersion() throws IOException {
        writeLora();
        edit("primer.json", text -> text.replace("1", "2"));
        refused(() -> PeftFolder.read(folder()), "primer.json", "format", "2");
    }

    @Test
    void refusesStrangeTensors() throws IOException {
        writeLora();
        Map<String, TensorData> good = tensors();
        refuseTensors(good, t -> t.remove(QUERY_A), "query.lora_A.weight", "missing");
        refuseTensors(good, t -> t.put(QUERY_A, TensorData.of(new long[] {2, 36}, new float[72])), "lora_A", "[2, 36]", "[3, any]");
        refuseTensors(good, t -> t.put(QUERY_A, TensorData.of(new long[] {72}, new float[72])), "lora_A", "[72]");
        refuseTensors(good, t -> t.put("base_model.model.score.weight", TensorData.of(new long[] {1}, 1)), "score.weight");
        refuseTensors(good, t -> t.put("encoder.x", TensorData.of(new long[] {1}, 1)), "encoder.x", "base_model.model.");
        refuseTensors(good, t -> t.put(QUERY_A.replace("query", "key"), t.get(QUERY_A)), "key.lora_A", "target_modules");
        refuseTensors(good, t -> t.put(QUERY_A.replace("encoder", "bert.encoder"), t.get(QUERY_A)), "two tensors");
        refuseTensors(good, Map::clear, "no tensor");
    }

    @Test
    void refusesAnAdapterAtAPlaceThatPfeifferHasNot() throws IOException {
        PeftMethod houlsby = new BottleneckAdapter(5, BottleneckAdapter.Placement.HOULSBY);
        try (Parameters parameters = random(houlsby, 1)) {
            PeftFolder.write(folder(), TrainedAdapter.of(houlsby, "", parameters, 0, Map.of()), TARGET);
        }
        edit("adapter_config.json", text -> text.replace("HOULSBY", "PFEIFFER"));
        refused(() -> PeftFolder.read(folder()), "attention.output.dense.adapter", "pfeiffer");
        edit("adapter_config.json", text -> text.replace("PFEIFFER", "HOULSBY").replace("5", "6"));
        refused(() -> PeftFolder.read(folder()), "[6, any]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"adapter_config.json", "adapter_model.safetensors"})
    void namesTheMissingFile(String file) throws IOException {
        writeLora();
        Files.delete(folder().resolve(file));
        refused(() -> PeftFolder.read(folder()), folder().resolve(file).toString(), "no such file");
        refused(() -> PeftFolder.read(temporary.resolve("none")), "no such folder");
    }

    @Test
    void writesWholeOrNotAtAll() throws IOException {
        writeLora();
        refused(this::writeLora, "not empty");
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(folder()), left.toList());
        }
    }

    private Path folder() {
        return temporary.resolve("adapter");
    }

    private void writeLora() {
        try (Parameters parameters = random(Lora.queryValue(3, 5), 1)) {
            PeftFolder.write(folder(), TrainedAdapter.of(Lora.queryValue(3, 5), "minilm", parameters, 0, Map.of()), TARGET);
        }
    }

    private void edit(String file, UnaryOperator<String> change) throws IOException {
        String text = Files.readString(folder().resolve(file));
        String edited = change.apply(text);
        assertFalse(text.equals(edited), text);
        Files.writeString(folder().resolve(file), edited);
    }

    private interface Change {
        void apply(Map<String, TensorData> tensors);
    }

    private Map<String, TensorData> tensors() {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder().resolve("adapter_model.safetensors"))) {
            file.names().forEach(name -> tensors.put(name, TensorData.of(file.info(name).shape(), file.floats(name))));
        }
        return tensors;
    }

    private void refuseTensors(Map<String, TensorData> good, Change change, String... fragments) {
        Map<String, TensorData> tensors = new LinkedHashMap<>(good);
        change.apply(tensors);
        SafetensorsWriter.write(folder().resolve("adapter_model.safetensors"), tensors, Map.of());
        refused(() -> PeftFolder.read(folder()), fragments);
    }

    private static void refused(org.junit.jupiter.api.function.Executable action, String... fragments) {
        String sentence = assertThrows(BadInputException.class, action).getMessage();
        for (String fragment : fragments) {
            assertTrue(sentence.contains(fragment), () -> "no '" + fragment + "' in: " + sentence);
        }
        assertTrue(sentence.endsWith(".") && sentence.lines().count() == 1 && sentence.length() < 800, sentence);
    }

    private static ParameterLayout layout(PeftMethod method) {
        return PeftModels.layout(TINY, method);
    }

    private static List<String> names(ParameterLayout layout) {
        return layout.entries().stream().map(ParameterLayout.Entry::name).toList();
    }

    private static Parameters random(PeftMethod method, long seed) {
        Random random = new Random(seed);
        Parameters parameters = new Parameters(layout(method), 1);
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            float[] values = new float[entry.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            parameters.write(0, entry.name(), values);
        }
        return parameters;
    }
}
