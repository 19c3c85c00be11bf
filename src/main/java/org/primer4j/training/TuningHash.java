package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.files.Sha256;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskSample;

/** Tells samples of tasks apart by what is read of them. */
public final class TuningHash {

    private TuningHash() {}

    /** SHA-256 of type, metric, train and dev rows, each text and list with its length. */
    public static String of(TaskSample sample) {
        return of(sample, List.of(sample.train(), sample.dev()));
    }

    /** As {@link #of(TaskSample)}, of the test rows too. */
    public static String withTest(TaskSample sample) {
        return of(sample, List.of(sample.train(), sample.dev(), sample.test()));
    }

    private static String of(TaskSample sample, List<List<Example>> parts) {
        Sha256 hash = new Sha256().text(sample.info().type().name()).text(String.valueOf(sample.info().metricName()));
        for (List<Example> rows : parts) {
            hash.number(rows.size());
            rows.forEach(row -> add(hash, row));
        }
        return hash.hex();
    }

    private static void add(Sha256 hash, Example row) {
        List<String> texts = new ArrayList<>(row.outputs());
        texts.add(0, row.input());
        hash.number(texts.size());
        texts.forEach(hash::text);
    }
}
