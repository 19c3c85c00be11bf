package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;

class BadInputTest {

    @TempDir
    Path folder;
    private Path model;
    private Path gym;
    private Path out;

    @BeforeEach
    void write() {
        model = TinyModel.write(folder, 1);
        gym = TinyGym.write(folder);
        out = folder.resolve("out");
    }

    private Object[] tune(Object... more) {
        return Cli.join(new Object[] {"tune", "--model", model, "--gym", gym, "--samples", 13, "--max-length", 32, "--steps", 1, "--out", out}, more);
    }

    private Object[] prime(Object... more) {
        return Cli.join(new Object[] {"prime", "--model", model, "--gym", gym, "--samples", 13, "--max-length", 32, "--steps", 1, "--out", out}, more);
    }

    private void refused(Object[] args, String... said) {
        Cli cli = Cli.run(args);
        assertEquals(2, cli.status(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        for (String part : said) {
            assertTrue(cli.err().contains(part), () -> "expected '" + part + "' in: " + cli.err());
        }
        assertEquals("", cli.out());
        assertFalse(Files.exists(out), "something was written");
    }

    @Test
    void missingModelFolder() {
        refused(prime("--model", folder.resolve("nowhere")), "nowhere", "expected minilm or a folder");
    }

    @Test
    void modelFolderWithoutTokenizer() throws IOException {
        Files.delete(model.resolve("tokenizer.json"));
        refused(prime(), "tokenizer.json");
    }

    @Test
    void truncatedWeights() throws IOException {
        Path weights = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length / 2));
        refused(prime(), "model.safetensors");
    }

    @Test
    void weightsHeaderLongerThanTheFile() throws IOException {
        Files.write(model.resolve("model.safetensors"), ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 40).array());
        refused(prime(), "model.safetensors");
    }

    @Test
    void configThatDoesNotMatchTheWeights() throws IOException {
        Path config = model.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"intermediate_size\" : 64", "\"intermediate_size\" : 65"));
        refused(prime(), "intermediate.dense", "[64, 32]", "[65, 32]");
    }

    @Test
    void missingGym() {
        refused(tune("--gym", folder.resolve("nowhere")), "nowhere");
    }

    @Test
    void unknownTask() {
        refused(tune("--tasks", "moood"), "moood", "mood");
    }

    @Test
    void textsThatDoNotFitBesideAPrompt() {
        refused(tune("--method", "prompt", "--prompt-length", "10000"), "--max-length", "beside 10000 virtual tokens");
    }

    @Test
    void taskTwice() {
        refused(tune("--tasks", "mood,mood"), "mood stands there twice");
    }

    @Test
    void sampleThatATaskLacks() {
        refused(tune("--samples", "13,99"), "no sample [99]", "[13, 21]");
    }

    @Test
    void lineWithoutTab() throws IOException {
        Path file = TinyGym.file(gym, "mood", 13, "test");
        Files.write(file, List.of("we saw it\thappy", "no tab here"));
        refused(tune(), file + ":2", "no tab");
    }

    @Test
    void emptyFile() throws IOException {
        Path file = TinyGym.file(gym, "mood", 13, "dev");
        Files.write(file, new byte[0]);
        refused(tune(), file.toString(), "empty");
    }

    @Test
    void labelOnlyInTest() throws IOException {
        Path file = TinyGym.file(gym, "mood", 13, "test");
        Files.write(file, List.of("we saw it\tpuzzled"));
        refused(tune(), file + ":1", "puzzled", "[happy, sad]");
    }

    @Test
    void textsLongerThanTheModelReads() {
        refused(prime("--max-length", 65), "at most 64");
    }

    @Test
    void outBelowAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        refused(prime("--out", file.resolve("sub")), "--out", "cannot be written");
        refused(prime("--out", file), "--out", "found a file");
    }

    @Test
    void outWithAnotherRunsResults() throws IOException {
        Path used = Files.createDirectory(folder.resolve("used"));
        Files.writeString(used.resolve("results.json"), "mine");
        refused(tune("--out", used), "results.json", "--overwrite");
        assertEquals("mine", Files.readString(used.resolve("results.json")));
    }

    @Test
    void primedFolderThatIsNone() {
        refused(tune("--primed", folder.resolve("nowhere")), "nowhere", "'prime'");
    }

    @Test
    void adapterFolderThatIsNone() {
        refused(new Object[] {"predict", "--model", folder, "--input", TinyGym.file(gym, "mood", 13, "test")}, "adapter_config.json");
    }

    @Test
    void reportOfNothing() {
        refused(new Object[] {"report", folder}, "results.json");
    }

    @Test
    void goldenFolderThatIsNone() {
        refused(new Object[] {"verify", folder.resolve("nowhere")}, "nowhere");
    }

    @Test
    void aFailedRunIsStatus1AndLeavesNothing() {
        Cli cli = Cli.run(prime("--rate", "1e30", "--clip", 0, "--warmup", 0, "--steps", 60));
        assertEquals(1, cli.status(), cli.err());
        assertTrue(cli.err().contains("smaller learning rate"), cli.err());
        assertFalse(Files.exists(out));
    }
}
