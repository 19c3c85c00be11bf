package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.primer4j.engine.Interruption;
import org.primer4j.gym.Example;
import org.primer4j.gym.Score;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.objective.TaskRow;

/**
 * A few-shot sample of a task, tokenised for a learner.
 *
 * @param info the task
 * @param sample seed of the sample
 * @param train rows to train on
 * @param dev rows to choose by
 * @param test rows to report
 * @param chance the test score without looking at the inputs ({@link Chance}); NaN without test rows
 * @param labels the distinct train answers of a classification task, sorted; none for other types
 * @param tuningHash SHA-256 of all that tuning reads: type, metric, train and dev rows
 */
public record TaskData<E extends TaskRow>(TaskInfo info, int sample, List<E> train, List<E> dev, List<E> test, double chance, List<String> labels,
                                           String tuningHash) {

    /** Tokenises all rows of a sample. */
    public static <E extends TaskRow> TaskData<E> of(TaskSample sample, Function<Example, E> row) {
        double chance = sample.test().isEmpty() ? Double.NaN : Chance.of(sample);
        return new TaskData<>(sample.info(), sample.seed(), encode(sample.train(), row), encode(sample.dev(), row), encode(sample.test(), row), chance,
            Chance.labels(sample), TuningHash.of(sample));
    }

    private static <E> List<E> encode(List<Example> rows, Function<Example, E> encoder) {
        List<E> encoded = new ArrayList<>();
        for (Example row : rows) {
            Interruption.check();
            encoded.add(encoder.apply(row));
        }
        return encoded;
    }

    /** The task's metric of predictions. */
    public Score score(List<E> rows, List<String> predictions) {
        return info.metric().evaluate(predictions, rows.stream().map(TaskRow::references).toList());
    }
}
