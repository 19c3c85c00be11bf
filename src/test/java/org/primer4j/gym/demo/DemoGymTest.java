package org.primer4j.gym.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;

class DemoGymTest {

    private static final long SEED = 11;

    @TempDir
    static Path temp;
    private static Path gym;

    @BeforeAll
    static void writeOnce() {
        gym = temp.resolve("deep/gym");
        DemoGym.write(gym, SEED);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
        }
    }

    @Test
    void sameSeedSameBytesOtherSeedOtherBytes() throws IOException {
        Path again = temp.resolve("again");
        Path other = temp.resolve("other");
        DemoGym.write(again, SEED);
        DemoGym.write(other, SEED + 1);
        assertEquals(files(gym), files(again));
        assertEquals(files(gym), files(other));
        for (Path file : files(gym)) {
            assertArrayEquals(Files.readAllBytes(gym.resolve(file)), Files.readAllBytes(again.resolve(file)), file.toString());
            boolean drawn = file.getNameCount() == 2;
            assertEquals(drawn, Files.mismatch(gym.resolve(file), other.resolve(file)) >= 0, file.toString());
        }
    }

    @Test
    void everyTaskHasFiveSamplesOfThreeFiles() throws IOException {
        assertEquals(DemoTasks.all().size() * 15 + 2, files(gym).size());
        for (DemoTask task : DemoTasks.all()) {
            for (int sample : List.of(100, 13, 21, 42, 87)) {
                checkSample(task, gym.resolve(task.name()).resolve(task.name() + "_16_" + sample + "_"));
            }
        }
    }

    private static void checkSample(DemoTask task, Path stem) throws IOException {
        Set<String> inputs = new HashSet<>();
        for (String split : List.of("train", "dev", "test")) {
            for (String line : Files.readAllLines(Path.of(stem + split + ".tsv"))) {
                String[] fields = line.split("\t", -1);
                assertEquals(2, fields.length, line);
                assertTrue(inputs.add(fields[0]), line);
                assertTrue(task.labels().isEmpty() ? fields[0].contains(fields[1]) : task.labels().contains(fields[1]), line);
            }
        }
    }

    @Test
    void tableCountsWhatTheFilesHold() throws IOException {
        List<String> table = Files.readAllLines(gym.resolve("tasks.tsv"));
        assertEquals("task\ttype\tmetric\tlabels\ttrain\tdev\ttest", table.get(0));
        assertEquals(DemoTasks.all().size() + 1, table.size());
        for (String line : table.subList(1, table.size())) {
            String[] fields = line.split("\t");
            for (int i = 4; i < 7; i++) {
                Path file = gym.resolve(fields[0]).resolve(fields[0] + "_16_13_" + table.get(0).split("\t")[i] + ".tsv");
                assertEquals(Integer.parseInt(fields[i]), Files.readAllLines(file).size(), file.toString());
            }
        }
    }

    @Test
    void splitsNameEveryTaskOnce() throws IOException {
        JsonNode splits = new ObjectMapper().readTree(gym.resolve("splits.json").toFile());
        Set<String> names = new HashSet<>();
        splits.forEach(split -> split.forEach(name -> assertTrue(names.add(name.asText()), name.asText())));
        assertEquals(DemoTasks.all().size(), names.size());
        assertEquals(8, splits.get("test").size());
        assertTrue(splits.get("dev").isEmpty());
        names.forEach(name -> assertTrue(Files.isDirectory(gym.resolve(name)), name));
    }

    @Test
    void emptyFolderIsFilledAndNothingIsLeftBesideIt() throws IOException {
        Path empty = Files.createDirectories(temp.resolve("beside/empty"));
        DemoGym.write(empty, SEED);
        assertTrue(Files.exists(empty.resolve("splits.json")));
        try (Stream<Path> beside = Files.list(empty.getParent())) {
            assertEquals(List.of(empty), beside.toList());
        }
    }

    @Test
    void folderWithContentIsRefusedAndKept() throws IOException {
        Path taken = Files.createDirectories(temp.resolve("taken"));
        Path file = Files.writeString(taken.resolve("mine.txt"), "mine");
        assertRefused(taken);
        assertEquals("mine", Files.readString(file));
        assertEquals(List.of(Path.of("mine.txt")), files(taken));
    }

    @Test
    void fileInTheWayIsRefused() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "a file");
        assertRefused(file);
        assertRefused(file.resolve("gym"));
        assertEquals("a file", Files.readString(file));
        assertRefused(Path.of("/"));
    }

    private static void assertRefused(Path folder) {
        String message = assertThrows(BadInputException.class, () -> DemoGym.write(folder, SEED)).getMessage();
        assertTrue(message.contains(folder.toString()), message);
        assertFalse(message.contains("\n"), message);
    }
}
