package org.primer4j.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.gym.Candidates;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.gym.TaskType;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.Objective;
import org.primer4j.objective.SequencePool;
import org.primer4j.objective.TextFormat;

/**
 * A few-shot sample of a task, tokenised for an objective.
 *
 * @param info the task
 * @param sample seed of the sample
 * @param train rows to train on
 * @param dev rows to choose by
 * @param test rows to report
 */
public record TaskData(TaskInfo info, int sample, List<EncodedExample> train, List<EncodedExample> dev, List<EncodedExample> test) {

    /** Tokenises all rows; texts that occur before are shared through the pool. */
    public static TaskData of(TaskSample sample, Objective objective, TextFormat format, SequencePool pool) {
        Candidates candidates = Candidates.of(sample);
        return new TaskData(sample.info(), sample.seed(), encode(sample, sample.train(), candidates, objective, format, pool),
            encode(sample, sample.dev(), candidates, objective, format, pool), encode(sample, sample.test(), candidates, objective, format, pool));
    }

    private static List<EncodedExample> encode(TaskSample sample, List<Example> rows, Candidates candidates, Objective objective, TextFormat format,
                                               SequencePool pool) {
        List<EncodedExample> encoded = new ArrayList<>();
        for (Example row : rows) {
            Interruption.check();
            encoded.add(objective.encode(sample.info(), row.input(), candidates.of(row.input()), candidates.gold(row), format, pool));
        }
        return encoded;
    }

    /** The task's metric of the predicted places, in the metric's unit. */
    public double score(List<EncodedExample> rows, int[] predicted) {
        List<String> predictions = new ArrayList<>();
        List<List<String>> references = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            predictions.add(rows.get(i).outputs().get(predicted[i]));
            references.add(List.of(rows.get(i).outputs().get(rows.get(i).gold())));
        }
        return info.metric().score(predictions, references);
    }

    /** The test score of always answering the most frequent test label; of a random choice for multiple choice. */
    public double chance() {
        Map<String, Integer> counts = new HashMap<>();
        double random = 0;
        for (EncodedExample row : test) {
            counts.merge(row.outputs().get(row.gold()), 1, Integer::sum);
            random += 1.0 / row.outputs().size();
        }
        if (info.type() == TaskType.MULTIPLE_CHOICE) {
            return random / test.size();
        }
        String majority = Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
        int[] always = test.stream().mapToInt(row -> row.outputs().indexOf(majority)).toArray();
        return score(test, always);
    }
}
