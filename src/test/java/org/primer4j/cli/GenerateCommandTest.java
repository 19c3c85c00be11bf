package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.generation.Generator;
import org.primer4j.graph.Bf16;
import org.primer4j.graph.TestDevices;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.model.io.T5Config;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.PromptTuning;
import org.primer4j.peft.TrainedAdapter;

/** The generate command on a random model: it answers each line, in order, as its options say. */
class GenerateCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeModel() throws IOException {
        BartConfig.Stack stack = new BartConfig.Stack(1, 2, 16);
        BartConfig config = new BartConfig(300, 16, stack, stack, 32, "gelu", false, 1, 0, 2, 2, null, 2, 0, 0, 0);
        RandomModel.of(config, TextToTextGym.tokenizerJson(), 1).write(folder.resolve("model"));
        Files.writeString(folder.resolve("input.txt"), "red green\nblue\nred blue green red\n");
    }

    private static void writeAdapter(Path target, Path base) {
        BartConfig config = (BartConfig) PretrainedModel.read(base).config();
        Lora method = new Lora(2, 64, 0, Set.of());
        try (Parameters parameters = new Parameters(Generator.layout(Seq2Seq.of(config), method), 1)) {
            for (ParameterLayout.Entry entry : parameters.layout().entries()) {
                Random random = new Random(entry.name().hashCode());
                float[] values = new float[entry.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                parameters.write(0, entry.name(), values);
            }
            PeftFolder.write(target, TrainedAdapter.of(method, base.toString(), parameters, 0, Map.of()), PeftTarget.of(config));
        }
    }

    private static Cli generate(Object... more) {
        Object[] base = {"generate", "--model", folder.resolve("model"), "--input", folder.resolve("input.txt"), "--threads", 1, "--max-new-tokens", 6};
        return Cli.run(Cli.join(base, more));
    }

    @Test
    void eachLineIsAnswered() {
        Cli cli = generate();
        assertEquals(0, cli.status(), cli.err());
        assertEquals(3, cli.out().lines().count(), cli.out());
        assertEquals(cli.out(), generate("--batch-size", 1).out());
        assertEquals(cli.out(), generate("--max-tokens", 1).out());
    }

    @Test
    void jsonHasEveryHypothesisBestFirst() throws IOException {
        List<String> lines = generate("--json", "--num-beams", 3, "--num-return-sequences", 2).out().lines().toList();
        assertEquals(6, lines.size());
        double last = 0;
        for (int i = 0; i < lines.size(); i++) {
            JsonNode row = JSON.readTree(lines.get(i));
            assertEquals(i % 2, row.get("rank").asInt());
            assertTrue(row.get("tokens").asInt() <= 6, lines.get(i));
            assertTrue(i % 2 == 0 || row.get("score").asDouble() <= last, lines.toString());
            last = row.get("score").asDouble();
        }
        assertEquals("blue", JSON.readTree(lines.get(2)).get("input").asText());
    }

    private static List<String> answers(String device, String type) {
        Cli cli = Cli.run("generate", "--model", folder.resolve("model"), "--input", folder.resolve("input.txt"), "--max-new-tokens", 6, "--json", "--device",
            device, "--dtype", type);
        assertEquals(0, cli.status(), cli.err());
        return cli.out().lines().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0"})
    void bf16WeightsAnswerToo(String device) throws IOException {
        if (device.equals("cpu")) {
            Bf16.assume();
        } else {
            assumeTrue(TestDevices.hasCuda(), "no CUDA backend, emulated or not");
        }
        List<String> exact = answers(device, "fp32"), rounded = answers(device, "bf16");
        assertEquals(exact.size(), rounded.size());
        for (int i = 0; i < exact.size(); i++) {
            double score = JSON.readTree(exact.get(i)).get("score").asDouble();
            assertEquals(score, JSON.readTree(rounded.get(i)).get("score").asDouble(), 0.02 * Math.abs(score), rounded.get(i));
        }
        assertNotEquals(exact, rounded);
    }

    @Test
    void anAdapterChangesItsModel() {
        Path adapter = folder.resolve("adapter");
        writeAdapter(adapter, folder.resolve("model").toAbsolutePath());
        Cli alone = Cli.run("generate", "--adapter", adapter, "--input", folder.resolve("input.txt"), "--threads", 1, "--max-new-tokens", 6, "--json");
        assertEquals(0, alone.status(), alone.err());
        assertEquals(alone.out(), generate("--adapter", adapter, "--json").out());
        assertNotEquals(alone.out(), generate("--json").out());
    }

    @Test
    void standardInputIsReadAsItComes() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("red green\nblue\nred blue green red\n".getBytes(StandardCharsets.UTF_8)));
            assertEquals(generate().out(), generate("--input", "-").out());
            System.setIn(new ByteArrayInputStream(new byte[] {'r', (byte) 0xff, '\n'}));
            Cli cli = generate("--input", "-");
            assertEquals(2, cli.status());
            assertTrue(cli.err().contains("not UTF-8"), cli.err());
        } finally {
            System.setIn(before);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--num-beams 0             | Found num_beams 0",
        "--num-beams 40            | Found num_beams 40; expected 1 to 32",
        "--num-return-sequences 2  | --num-return-sequences is 2; expected 1 to the number of beams",
        "--max-new-tokens 33       | needs 33 positions",
        "--max-length 9            | either it or --max-new-tokens",
        "--min-length 9            | min_length 9",
        "--early-stopping True     | early_stopping True",
        "--forced-bos-token-id 300 | forced_bos_token_id 300",
        "--max-source-length 33    | --max-source-length is 33; expected at most 32",
        "--max-source-length 1     | --max-source-length is 1; expected at least 3, the 2 special tokens",
        "--batch-size 2000000000 --num-beams 4 | 2000000000 inputs at once with 4 beams of up to 7 tokens are too many",
        "--max-new-tokens 2147483646 | needs 2147483646 positions",
        "--batch-size 0            | --batch-size is 0",
        "--input nowhere.txt       | --input nowhere.txt: there is no such file",
        "--model nowhere           | nowhere",
        "--adapter nowhere         | nowhere"})
    void badOptionsAreNamed(String arguments, String said) {
        Cli cli = generate((Object[]) arguments.split(" "));
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().contains(said), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertEquals("", cli.out());
    }

    @Test
    void aModelWithoutPositionsHasAnEndTooFarAway() {
        Cli cli = Cli.run("generate", "--model", t5(), "--input", folder.resolve("input.txt"), "--threads", 1, "--max-new-tokens", 2000000000);
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().contains("16 inputs at once with 1 beams of up to 2000000001 tokens are too many"), cli.err());
    }

    private static Path t5() {
        T5Config config = new T5Config("t5", 300, 20, 6, 4, 36, 1, 1, 8, 10, 1e-6, "gated-gelu", true, false, 1, 2, 1, 0);
        Path target = folder.resolve("t5");
        RandomModel.of(config, TextToTextGym.tokenizerJson(), 1).write(target);
        return target;
    }

    @Test
    void virtualTokensThatFillTheModelAreRefused() {
        Path adapter = folder.resolve("prompt");
        TensorData prompt = TensorData.of(new long[] {32, 16}, new float[32 * 16]);
        BartConfig config = (BartConfig) PretrainedModel.read(folder.resolve("model")).config();
        PeftFolder.write(adapter, new TrainedAdapter(new PromptTuning(32), "../model", Map.of("prompt.embeddings", prompt), Map.of()), PeftTarget.of(config));
        Cli cli = generate("--adapter", adapter);
        assertEquals(2, cli.status(), cli.err());
        assertTrue(cli.err().contains("The virtual tokens of " + adapter), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }

    @Test
    void aBlankLineIsNamed() throws IOException {
        Path input = Files.writeString(folder.resolve("blank.txt"), "red\n \n");
        Cli cli = generate("--input", input, "--batch-size", 1);
        assertEquals(2, cli.status());
        assertTrue(cli.err().contains("blank.txt:2: the input is empty"), cli.err());
        assertEquals(1, cli.out().lines().count(), "the line before was answered");
    }

    @Test
    void oneOfModelAndAdapterIsNeeded() {
        Cli cli = Cli.run("generate", "--input", folder.resolve("input.txt"));
        assertEquals(2, cli.status());
        assertTrue(cli.err().contains("Neither --model nor --adapter"), cli.err());
    }
}
