package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.gym.Gym;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.PretrainedModel;

/** What {@code gym demo} writes is what the other commands take. */
class GymDemoCommandTest {

    @TempDir
    Path folder;

    private Cli write(String name, Object... more) {
        return Cli.run(Cli.join(new Object[] {"gym", "demo", "--out", folder.resolve(name)}, more));
    }

    @Test
    void theDemosTasksCanBeRead() {
        Cli cli = write("a");
        assertEquals(0, cli.status(), cli.err());
        Cli check = Cli.run("gym", "check", folder.resolve("a").resolve("gym"));
        assertEquals(0, check.status(), check.out());
        assertFalse(Files.exists(folder.resolve("a").resolve("model")));
    }

    @Test
    void tasksOfWritingHaveAModelThatKnowsTheirWords() throws IOException {
        Cli cli = write("a", "--text-to-text");
        assertEquals(0, cli.status(), cli.err());
        assertEquals(List.copyOf(TextToTextGym.TASKS).stream().sorted().toList(),
            Gym.open(folder.resolve("a").resolve("gym")).names().stream().sorted().toList());
        assertEquals("bart", PretrainedModel.read(folder.resolve("a").resolve("model")).config().modelType());
        Files.writeString(folder.resolve("input.txt"), "red lamp\n");
        Cli generated = Cli.run("generate", "--model", folder.resolve("a").resolve("model"), "--input", folder.resolve("input.txt"), "--threads", 1);
        assertEquals(0, generated.status(), generated.err());
        assertEquals(1, generated.out().lines().count());
    }

    @Test
    void aSeedSaysWhatIsWritten() throws IOException {
        write("a", "--text-to-text", "--seed", 7);
        write("b", "--text-to-text", "--seed", 7);
        write("c", "--text-to-text", "--seed", 8);
        String weights = "model/model.safetensors", rows = "gym/copy_words/copy_words_16_13_test.tsv";
        for (String file : List.of(weights, rows)) {
            byte[] bytes = Files.readAllBytes(folder.resolve("a").resolve(file));
            assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("b").resolve(file)));
            assertTrue(Files.mismatch(folder.resolve("a").resolve(file), folder.resolve("c").resolve(file)) >= 0, file);
        }
    }

    @Test
    void whatIsThereIsKept() throws IOException {
        write("a", "--text-to-text");
        byte[] before = Files.readAllBytes(folder.resolve("a/model/model.safetensors"));
        Cli again = write("a", "--text-to-text", "--seed", 2);
        assertEquals(2, again.status());
        assertTrue(again.err().contains("--overwrite"), again.err());
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("a/model/model.safetensors")));
    }
}
