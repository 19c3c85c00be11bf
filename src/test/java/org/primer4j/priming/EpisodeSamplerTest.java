package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskType;
import org.primer4j.objective.TaskRow;
import org.primer4j.priming.meta.Episode;
import org.primer4j.training.TaskData;

class EpisodeSamplerTest {

    /** A row that knows where it comes from. */
    private record Row(String task, int sample, boolean train, int number) implements TaskRow {

        @Override
        public List<String> references() {
            return List.of("x");
        }

        @Override
        public int tokens() {
            return 1;
        }
    }

    private static TaskData<Row> task(String name, int sample, int rows) {
        return new TaskData<>(new TaskInfo(name, TaskType.CLASSIFICATION, "ACC"), sample, rows(name, sample, true, rows), rows(name, sample, false, rows),
            List.of(), Double.NaN, List.of(), "");
    }

    private static List<Row> rows(String name, int sample, boolean train, int count) {
        return IntStream.range(0, count).mapToObj(i -> new Row(name, sample, train, i)).toList();
    }

    private static EpisodeSampler<Row> sampler(Algorithm algorithm, long seed) {
        List<TaskData<Row>> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(task("task" + i, 13, 20));
            tasks.add(task("task" + i, 21, 3));
        }
        Recipe recipe = Recipe.crossFit(algorithm, Tunables.PLM, null).with(Map.of("tasks_per_step", 3, "inner_batch", 8, "inner_steps", 3));
        return new EpisodeSampler<>(tasks, recipe, seed);
    }

    @Test
    void anEpisodeIsOfOneSampleAndItsRowsDiffer() {
        EpisodeSampler<Row> sampler = sampler(Algorithm.MAML, 1);
        for (int step = 0; step < 50; step++) {
            List<Episode<Row>> episodes = sampler.next();
            assertEquals(3, episodes.stream().map(Episode::task).distinct().count());
            episodes.forEach(EpisodeSamplerTest::assertWhole);
        }
    }

    private static void assertWhole(Episode<Row> episode) {
        assertEquals(3, episode.support().size());
        List<Row> support = episode.support().get(0);
        episode.support().forEach(batch -> assertEquals(support, batch));
        int sample = support.get(0).sample();
        int rows = sample == 13 ? 8 : 3;
        for (List<Row> batch : List.of(support, episode.query())) {
            assertEquals(rows, new HashSet<>(batch).size());
            assertTrue(batch.stream().allMatch(row -> row.task().equals(episode.task()) && row.sample() == sample));
        }
        assertTrue(support.stream().allMatch(Row::train));
        assertTrue(episode.query().stream().noneMatch(Row::train));
    }

    @Test
    void reptileTakesANewBatchEachStepAndNoQuery() {
        EpisodeSampler<Row> sampler = sampler(Algorithm.REPTILE, 1);
        List<List<Row>> large = new ArrayList<>();
        for (int step = 0; step < 10; step++) {
            for (Episode<Row> episode : sampler.next()) {
                assertEquals(List.of(), episode.query());
                episode.support().stream().filter(batch -> batch.size() == 8).forEach(large::add);
            }
        }
        assertTrue(large.size() > 10, large.size() + " batches");
        assertEquals(large.size(), new HashSet<>(large).size());
    }

    @Test
    void tasksAreDrawnAlikeOften() {
        EpisodeSampler<Row> sampler = sampler(Algorithm.FOMAML, 3);
        Map<String, Integer> drawn = new HashMap<>();
        for (int step = 0; step < 1000; step++) {
            sampler.next().forEach(episode -> drawn.merge(episode.task() + " " + episode.query().get(0).sample(), 1, Integer::sum));
        }
        // 300 each is expected, with a deviation of about 16.
        drawn.forEach((what, times) -> assertEquals(300, times, 80, what));
        assertEquals(10, drawn.size());
    }

    @Test
    void theSeedDecides() {
        assertEquals(sampler(Algorithm.MAML, 1).next(), sampler(Algorithm.MAML, 1).next());
        assertNotEquals(sampler(Algorithm.MAML, 1).next(), sampler(Algorithm.MAML, 2).next());
    }

    @Test
    void theBatchOfAnEpisodeIsNotCopiedForEachStep() {
        Episode<Row> episode = sampler(Algorithm.MAML, 1).next().get(0);
        assertSame(episode.support().get(0), episode.support().get(2));
    }
}
