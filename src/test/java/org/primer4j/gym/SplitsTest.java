package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.primer4j.gym.Gyms.LABELLED;
import static org.primer4j.gym.Sentences.assertRefused;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitsTest {

    @TempDir
    Path folder;
    private Path file;

    @BeforeEach
    void writeGym() {
        file = folder.resolve("splits.json");
        for (String task : List.of("films", "books", "songs")) {
            Gyms.write(Gyms.file(folder, task, 1, "train"), LABELLED);
        }
    }

    @Test
    void readsTheThreeLists() {
        Gyms.write(file, "{\"train\": [\"films\", \"books\"], \"dev\": [], \"test\": [\"songs\"]}");
        assertEquals(new Splits(List.of("films", "books"), List.of(), List.of("songs")), Splits.read(file, Gym.open(folder)));
    }

    @Test
    void refusesBadTasks() {
        assertSplitsRefused("{\"train\": [\"film\"], \"dev\": [], \"test\": []}", "'film'", "[films,");
        assertSplitsRefused("{\"train\": [\"films\"], \"dev\": [], \"test\": [\"films\"]}", "'films'", "twice");
        assertSplitsRefused("{\"train\": [\"films\", \"films\"], \"dev\": [], \"test\": []}", "'films'", "twice");
    }

    @Test
    void refusesBadJson() {
        assertSplitsRefused("{\"train\": [\"films\"],\n \"dev\": [", ":2:", "not valid JSON");
        assertSplitsRefused("", "train, dev and test");
        assertSplitsRefused("[]", "train, dev and test");
        assertSplitsRefused("{\"train\": [], \"dev\": [], \"tset\": []}", "'test'");
        assertSplitsRefused("{\"train\": [], \"dev\": [], \"test\": [], \"more\": []}", "train, dev and test");
        assertSplitsRefused("{\"train\": [1], \"dev\": [], \"test\": []}", "'train'");
        assertSplitsRefused("{\"train\": \"films\", \"dev\": [], \"test\": []}", "'train'");
        assertSplitsRefused("{\"train\": [], \"train\": [], \"dev\": [], \"test\": []}", "not valid JSON");
        assertSplitsRefused("{\"train\": [], \"dev\": [], \"test\": []} x", "not valid JSON");
    }

    @Test
    void refusesAMissingFile() {
        assertRefused(() -> Splits.read(folder.resolve("absent.json"), Gym.open(folder)), "absent.json", "no such file");
    }

    private void assertSplitsRefused(String json, String... parts) {
        Gyms.write(file, json);
        assertRefused(() -> Splits.read(file, Gym.open(folder)), parts);
    }
}
