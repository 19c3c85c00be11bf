package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real tasks, where they are at hand. */
class SharedGymTest {

    private static final Path FOLDER = Path.of("../shared/gym");
    private Gym gym;

    @BeforeEach
    void open() {
        assumeTrue(Files.isDirectory(FOLDER));
        gym = Gym.open(FOLDER);
    }

    @Test
    void everySampleReads() {
        GymCheck check = GymCheck.of(gym);
        assertEquals(List.of(), check.problems());
        assertEquals(check.tasks() * 5, check.samples());
    }

    @Test
    void everyClosedTaskHasItsGoldAmongTheCandidates() {
        for (TaskInfo info : gym.tasks()) {
            if (info.type().closed()) {
                TaskSample sample = gym.read(info.name(), 13);
                Candidates candidates = Candidates.of(sample);
                sample.test().forEach(e -> assertEquals(e.output(), candidates.of(e.input()).get(candidates.gold(e)), info.name()));
                assertTrue(info.metric().officialName().equals(info.metricName()));
            }
        }
    }

    @Test
    void splitsRead() {
        Splits splits = Splits.read(FOLDER.resolve("splits.json"), gym);
        assertEquals(gym.names().size(), splits.train().size() + splits.dev().size() + splits.test().size());
    }
}
