package org.primer4j.gym.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DemoTasksTest {

    private static final long SEED = 7;

    static List<DemoTask> tasks() {
        return DemoTasks.all();
    }

    private static Set<String> set(List<Row> rows, Function<Row, String> part) {
        return rows.stream().map(part).collect(Collectors.toSet());
    }

    private static List<Row> all(Sample sample) {
        return Stream.of(sample.train(), sample.dev(), sample.test()).flatMap(List::stream).toList();
    }

    @Test
    void thereAreSixteenToPrimeOnAndEightUnseen() {
        assertTrue(DemoTasks.TRAIN.size() >= 16, "train tasks: " + DemoTasks.TRAIN.size());
        assertEquals(8, DemoTasks.TEST.size());
        Set<String> names = DemoTasks.all().stream().map(DemoTask::name).collect(Collectors.toSet());
        assertEquals(DemoTasks.all().size(), names.size());
    }

    @Test
    void noTestTaskHasATrainTasksLabels() {
        List<List<String>> known = DemoTasks.TRAIN.stream().map(DemoTask::labels).filter(l -> !l.isEmpty()).toList();
        for (DemoTask task : DemoTasks.TEST) {
            assertFalse(known.contains(task.labels()), task.name());
        }
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void everyGroupHasItsRows(DemoTask task) {
        Sample sample = Sample.draw(task, 13, SEED);
        assertEquals(16 * task.groups().size(), sample.train().size());
        assertEquals(16 * task.groups().size(), sample.dev().size());
        assertTrue(sample.test().size() >= 120 && sample.test().size() <= 160, task.name() + ": " + sample.test().size());
        for (String label : task.labels()) {
            assertEquals(16, count(sample.train(), label), label);
            assertEquals(16, count(sample.dev(), label), label);
            assertEquals(sample.test().size() / task.labels().size(), count(sample.test(), label), label);
        }
    }

    private static long count(List<Row> rows, String label) {
        return rows.stream().filter(r -> r.output().equals(label)).count();
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void noInputComesTwiceInASample(DemoTask task) {
        List<Row> rows = all(Sample.draw(task, 21, SEED));
        assertEquals(rows.size(), set(rows, Row::input).size());
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void samplesAndSeedsAreDifferentDraws(DemoTask task) {
        Sample sample = Sample.draw(task, 42, SEED);
        assertEquals(sample, Sample.draw(task, 42, SEED));
        assertNotEquals(sample, Sample.draw(task, 42, SEED + 1));
        for (int other : List.of(100, 13, 21, 87)) {
            Set<String> shared = set(sample.train(), Row::input);
            shared.retainAll(set(Sample.draw(task, other, SEED).train(), Row::input));
            assertTrue(shared.size() <= sample.train().size() / 8, task.name() + ": samples 42 and " + other + " share " + shared);
        }
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void sixteenShotsDoNotCoverThePatterns(DemoTask task) {
        Sample sample = Sample.draw(task, 87, SEED);
        assertTrue(set(all(sample), Row::template).size() >= 40, task.name() + ": " + set(all(sample), Row::template).size());
        Set<String> trained = set(sample.train(), Row::template);
        long unseen = sample.test().stream().filter(r -> !trained.contains(r.template())).count();
        assertTrue(unseen >= sample.test().size() / 4, task.name() + ": only " + unseen + " test rows have an unseen pattern");
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void noInputHasTwoLabels(DemoTask task) {
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Set<String>> labels = Stream.generate(() -> task.groups()).limit(300).flatMap(List::stream)
                .map(group -> task.draw(group, random))
                .collect(Collectors.groupingBy(Row::input, Collectors.mapping(Row::output, Collectors.toSet())));
        labels.forEach((input, found) -> assertEquals(1, found.size(), () -> task.name() + ": " + input + " " + found));
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void textsAreTidy(DemoTask task) {
        Set<String> words = new HashSet<>();
        for (Row row : all(Sample.draw(task, 100, SEED))) {
            String[] found = row.input().split(" ");
            words.addAll(List.of(found));
            assertTrue(found.length >= 7 && found.length <= 45, found.length + " words: " + row.input());
            assertFalse(row.input().matches(".*(  | [.,?]|[{}|~]|\\.\\.|a\\(n\\)|[.?!] [a-z]).*"), row.input());
            assertTrue(row.input().matches(".*[.?!]"), row.input());
        }
        assertTrue(words.size() >= 120, task.name() + " has only " + words.size() + " words");
    }

    @Test
    void rightOptionStandsAtEitherPlace() {
        SplittableRandom random = new SplittableRandom(SEED);
        DemoTask task = ChoiceTask.load("home_cause");
        int first = 0;
        for (int i = 0; i < 400; i++) {
            Row row = task.draw("item", random);
            assertTrue(row.input().contains(") " + row.output()), row.line());
            first += row.input().contains("(A) " + row.output()) ? 1 : 0;
        }
        assertTrue(first > 150 && first < 250, "option (A) is right " + first + " times of 400, seed " + SEED);
    }
}
