package org.primer4j.objective.seq2seq;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.primer4j.gym.Candidates;
import org.primer4j.gym.Example;
import org.primer4j.gym.Score;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.gym.TaskType;

/**
 * A few-shot sample of a task of any type, tokenised for a model that writes.
 *
 * @param info the task
 * @param sample seed of the sample
 * @param train rows to train on
 * @param dev rows to choose by
 * @param test rows to report
 * @param texts the same rows as the gym has them
 */
public record Seq2SeqTask(TaskInfo info, int sample, List<Seq2SeqExample> train, List<Seq2SeqExample> dev, List<Seq2SeqExample> test,
                          TaskSample texts) {

    public Seq2SeqTask {
        train = List.copyOf(train);
        dev = List.copyOf(dev);
        test = List.copyOf(test);
    }

    /**
     * The task's metric of predictions.
     *
     * @param predictions one a row, as {@link Seq2SeqEncoder#prediction} gives them
     */
    public Score score(List<Seq2SeqExample> rows, List<String> predictions) {
        return info.metric().evaluate(predictions, rows.stream().map(Seq2SeqExample::references).toList());
    }

    /**
     * The test score of knowing nothing: a random option for multiple choice, else the most frequent first answer of the
     * test rows, always.
     */
    public double chance() {
        if (info.type() == TaskType.MULTIPLE_CHOICE) {
            Candidates candidates = Candidates.of(texts);
            return texts.test().stream().mapToDouble(row -> 1.0 / candidates.of(row.input()).size()).average().orElseThrow();
        }
        return score(test, Collections.nCopies(test.size(), mostFrequentAnswer())).value();
    }

    // Of equally frequent answers the first in the alphabet.
    private String mostFrequentAnswer() {
        Map<String, Integer> counts = new TreeMap<>();
        texts.test().stream().map(Example::output).forEach(answer -> counts.merge(answer, 1, Integer::sum));
        int most = Collections.max(counts.values());
        return counts.entrySet().stream().filter(entry -> entry.getValue() == most).findFirst().orElseThrow().getKey();
    }
}
