package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.generation.Generator;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/** The export command: a merged model answers as its adapter does, and what cannot be written is refused by name. */
class ExportCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final BartConfig.Stack STACK = new BartConfig.Stack(1, 2, 16);
    private static final BartConfig CONFIG = new BartConfig(300, 16, STACK, STACK, 32, "gelu", false, 1, 0, 2, 2, null, 2, 0, 0, 0);

    @TempDir
    Path folder;
    private Path adapter;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        RandomModel.of(CONFIG, TextToTextGym.tokenizerJson(), 1).write(folder.resolve("model"));
        Files.writeString(folder.resolve("input.txt"), "red green\nblue\nred blue green red\n");
        adapter = folder.resolve("adapter");
        out = folder.resolve("out");
    }

    private void write(PeftMethod method, String base) {
        try (Parameters parameters = new Parameters(Generator.layout(Seq2Seq.of(CONFIG), method), 1)) {
            for (ParameterLayout.Entry entry : parameters.layout().entries()) {
                parameters.write(0, entry.name(), StartValues.normal(entry.size(), 1, new Philox(1, entry.name())));
            }
            PeftFolder.write(adapter, TrainedAdapter.of(method, base, parameters, 0, Map.of("note", "kept")), PeftTarget.of(CONFIG));
        }
    }

    private Cli export(Object... more) {
        return Cli.run(Cli.join(new Object[] {"export", "--adapter", adapter, "--out", out}, more));
    }

    private List<JsonNode> generate(Object... with) throws IOException {
        Cli cli = Cli.run(Cli.join(new Object[] {"generate", "--input", folder.resolve("input.txt"), "--threads", 1, "--max-new-tokens", 6, "--json"}, with));
        assertEquals(0, cli.status(), cli.err());
        List<JsonNode> rows = new ArrayList<>();
        for (String line : cli.out().lines().toList()) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    private void refused(Cli cli, String... said) {
        assertEquals(2, cli.status(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        for (String fragment : said) {
            assertTrue(cli.err().contains(fragment), cli.err());
        }
        assertEquals("", cli.out());
    }

    @Test
    void aMergedModelAnswersAsItsAdapter() throws IOException {
        write(new Lora(2, 64, 0, Set.of()), "../model");
        Cli cli = export("--merge", "--json");
        assertEquals(0, cli.status(), cli.err());
        double drift = JSON.readTree(cli.out()).get("drift").asDouble();
        assertTrue(drift > 0 && drift < 1e-4, cli.out());
        List<JsonNode> adapted = generate("--adapter", adapter), merged = generate("--model", out), plain = generate("--model", folder.resolve("model"));
        assertNotEquals(plain, adapted, "the adapter changes nothing");
        for (int i = 0; i < adapted.size(); i++) {
            assertEquals(adapted.get(i).get("output"), merged.get(i).get("output"));
            double score = adapted.get(i).get("score").asDouble();
            assertEquals(score, merged.get(i).get("score").asDouble(), 1e-4 * (1 + Math.abs(score)));
        }
        PretrainedModel base = PretrainedModel.read(folder.resolve("model")), written = PretrainedModel.read(out);
        assertEquals(base.config(), written.config());
        assertEquals(base.weights().keySet(), written.weights().keySet());
        assertArrayEquals(base.weights().get("shared.weight").floats(), written.weights().get("shared.weight").floats());
    }

    @Test
    void anAdapterIsWrittenForPeftAndFindsItsModelFromAnywhere() throws IOException {
        write(new Lora(2, 64, 0, Set.of("query")), "../model");
        out = Files.createDirectories(folder.resolve("far/away")).resolve("out");
        Cli cli = export();
        assertEquals(0, cli.status(), cli.err());
        assertTrue(cli.out().contains("for the peft library"), cli.out());
        JsonNode config = JSON.readTree(out.resolve("adapter_config.json").toFile());
        assertEquals("LORA", config.get("peft_type").asText());
        assertEquals(folder.resolve("model").toAbsolutePath().normalize().toString(), config.get("base_model_name_or_path").asText());
        assertArrayEquals(Files.readAllBytes(adapter.resolve("adapter_model.safetensors")), Files.readAllBytes(out.resolve("adapter_model.safetensors")));
        assertEquals(Map.of("note", "kept"), PeftFolder.read(out).extras());
        assertEquals(generate("--adapter", adapter), generate("--adapter", out));
    }

    @Test
    void anotherModelMayBeGiven() {
        write(new Lora(2, 64, 0, Set.of("query")), "");
        refused(export("--merge"), "does not name its model; expected --model");
        assertEquals(0, export("--merge", "--model", folder.resolve("model")).status());
    }

    @Test
    void aFolderWithFilesIsLeftAsItIs() throws IOException {
        write(new Lora(2, 64, 0, Set.of("query")), "../model");
        Files.writeString(Files.createDirectory(out).resolve("mine.txt"), "mine");
        refused(export("--merge"), out + ": found a folder that is not empty");
        refused(export(), out + ": found a folder that is not empty");
        assertEquals("mine", Files.readString(out.resolve("mine.txt")));
        out = folder.resolve("nowhere/out");
        refused(export("--merge"), "its folder does not exist");
    }

    @Test
    void methodsThatCannotBeWrittenAreRefused() {
        write(new BottleneckAdapter(3, BottleneckAdapter.Placement.HOULSBY), "../model");
        refused(export("--merge"), "An adapter of houlsby cannot be merged");
        refused(export(), "the peft library has no form for houlsby");
        adapter = folder.resolve("bitfit");
        write(new BitFit(), "../model");
        refused(export("--merge"), "An adapter of bitfit cannot be merged");
        assertFalse(Files.exists(out));
    }

    @Test
    void aTiedWeightIsRefused() {
        Philox random = new Philox(1, "tied");
        Map<String, TensorData> tensors = Map.of("lm_head.lora_A.weight", TensorData.of(new long[] {2, 16}, StartValues.normal(32, 1, random)),
            "lm_head.lora_B.weight", TensorData.of(new long[] {300, 2}, StartValues.normal(600, 1, random)));
        PeftFolder.write(adapter, new TrainedAdapter(new Lora(2, 4, 0, Set.of("lm_head")), "../model", tensors, Map.of()), PeftTarget.of(CONFIG));
        refused(export("--merge"), "lm_head");
        assertFalse(Files.exists(out));
    }

    @Test
    void badInputIsNamed() throws IOException {
        refused(export(), adapter + ": there is no such folder");
        write(new Lora(2, 64, 0, Set.of("query")), "../gone");
        refused(export("--merge"), "There is no model '" + folder.resolve("gone"));
        Files.writeString(adapter.resolve("adapter_config.json"), "{");
        refused(export("--merge"), "adapter_config.json");
        refused(Cli.run("export", "--merge"), "--adapter");
        assertFalse(Files.exists(out));
    }
}
