package org.primer4j.gym.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One few-shot draw of a task. No two rows share an input, within a split or across splits.
 *
 * @param train 16 rows a label
 * @param dev 16 rows a label
 * @param test 120 to 160 rows, the labels balanced
 */
record Sample(List<Row> train, List<Row> dev, List<Row> test) {

    /** Rows a label in train and in dev. */
    static final int SHOTS = 16;

    /** Upper bound of the test rows: balanced labels take the largest multiple of their number below it. */
    private static final int TEST_ROWS = 144;
    private static final int TRIES = 1000;

    /** Draws the sample {@code number} of a task; the same arguments give the same rows. */
    static Sample draw(DemoTask task, int number, long seed) {
        return draw(task, number, seed, SHOTS, SHOTS, TEST_ROWS / task.groups().size());
    }

    /** As {@link #draw(DemoTask, int, long)}, with other numbers of rows a group. */
    static Sample draw(DemoTask task, int number, long seed, int trainRows, int devRows, int testRows) {
        SplittableRandom random = new SplittableRandom(mix(seed, task.name() + "/" + number));
        Set<String> seen = new HashSet<>();
        List<Row> train = rows(task, trainRows, random, seen);
        List<Row> dev = rows(task, devRows, random, seen);
        List<Row> test = rows(task, testRows, random, seen);
        return new Sample(train, dev, test);
    }

    private static List<Row> rows(DemoTask task, int perGroup, SplittableRandom random, Set<String> seen) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < perGroup; i++) {
            for (String group : task.groups()) {
                rows.add(unseen(task, group, random, seen));
            }
        }
        return List.copyOf(rows);
    }

    private static Row unseen(DemoTask task, String group, SplittableRandom random, Set<String> seen) {
        for (int i = 0; i < TRIES; i++) {
            Row row = task.draw(group, random);
            if (seen.add(row.input())) {
                return row;
            }
        }
        throw new IllegalStateException("the grammar of " + task.name() + " is too small for one sample of '" + group + "'");
    }

    /** FNV-1a over the text's bytes, begun at the seed: one independent stream per task and sample. */
    private static long mix(long seed, String text) {
        long hash = seed ^ 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
