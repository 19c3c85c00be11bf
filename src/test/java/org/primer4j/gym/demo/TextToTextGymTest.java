package org.primer4j.gym.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.gym.Example;
import org.primer4j.gym.Gym;
import org.primer4j.gym.GymCheck;
import org.primer4j.gym.Metric;
import org.primer4j.gym.Splits;
import org.primer4j.gym.TaskSample;
import org.primer4j.gym.TaskType;
import org.primer4j.text.Tokenizer;

class TextToTextGymTest {

    private static final long SEED = 5;

    @TempDir
    static Path temp;
    private static Gym gym;

    @BeforeAll
    static void write() {
        TextToTextGym.write(temp.resolve("gym"), SEED);
        gym = Gym.open(temp.resolve("gym"));
    }

    @Test
    void isASoundGymOfGenerationTasks() {
        assertEquals(TextToTextGym.TASKS, gym.names());
        GymCheck check = GymCheck.of(gym);
        assertEquals(List.of(), check.problems());
        assertEquals(15, check.samples());
        gym.tasks().forEach(task -> assertEquals(TaskType.GENERATION, task.type()));
        gym.tasks().forEach(task -> assertEquals(Metric.EM, task.metric()));
        Splits splits = Splits.read(temp.resolve("gym/splits.json"), gym);
        assertEquals(List.of(TextToTextGym.COPY, TextToTextGym.LABEL), splits.train());
        assertEquals(List.of(TextToTextGym.REVERSE), splits.test());
    }

    @Test
    void sameSeedSameBytes() throws IOException {
        TextToTextGym.write(temp.resolve("again"), SEED);
        try (Stream<Path> files = Files.walk(temp.resolve("gym"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path other = temp.resolve("again").resolve(temp.resolve("gym").relativize(file));
                assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(other), file.toString());
            }
        }
    }

    @Test
    void answersAreWhatTheTaskSays() {
        for (Example row : gym.read(TextToTextGym.COPY, 13).test()) {
            assertEquals(row.input(), row.output());
        }
        for (Example row : gym.read(TextToTextGym.REVERSE, 13).test()) {
            List<String> words = List.of(row.input().split(" "));
            List<String> reversed = IntStream.range(0, words.size()).mapToObj(i -> words.get(words.size() - 1 - i)).toList();
            assertEquals(reversed, List.of(row.output().split(" ")));
        }
        Set<String> labels = new HashSet<>();
        gym.read(TextToTextGym.LABEL, 13).train().forEach(row -> labels.add(row.output()));
        assertEquals(Set.of("animal past", "animal future", "tool past", "tool future", "food past", "food future"), labels);
        Example owl = gym.read(TextToTextGym.LABEL, 13).train().stream().filter(row -> row.input().contains("owl")).findFirst().orElseThrow();
        assertTrue(owl.output().startsWith("animal"), owl.toString());
    }

    @Test
    void noInputOfTestWasTrainedOn() {
        for (String name : TextToTextGym.TASKS) {
            TaskSample sample = gym.read(name, 21);
            Set<String> inputs = new HashSet<>();
            Stream.of(sample.train(), sample.dev(), sample.test()).flatMap(List::stream).forEach(row -> assertTrue(inputs.add(row.input()), row.input()));
        }
    }

    @Test
    void theTokenizerKnowsEveryWord() {
        try (Tokenizer tokenizer = Tokenizer.of(TextToTextGym.tokenizerJson())) {
            tokenizer.requireEnds(TextToTextGym.EOS);
            tokenizer.vocabulary().requireFits(128);
            assertEquals(tokenizer.vocabulary().size(), tokenizer.vocabulary().maxId() + 1);
            for (String name : TextToTextGym.TASKS) {
                for (Example row : gym.read(name, 42).test()) {
                    String text = " [" + name + "] " + row.input();
                    int[] ids = tokenizer.encode(text, 512);
                    assertFalse(Arrays.stream(ids).anyMatch(id -> id == TextToTextGym.UNKNOWN), text);
                    assertEquals(text.strip(), tokenizer.decode(ids, true));
                    assertEquals(TextToTextGym.BOS, ids[0]);
                }
            }
        }
    }
}
