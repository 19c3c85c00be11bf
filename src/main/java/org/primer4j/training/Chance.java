package org.primer4j.training;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.gym.Candidates;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskSample;
import org.primer4j.gym.TaskType;

/** What a score is worth: that of answers given without looking at the inputs. */
final class Chance {

    private Chance() {}

    /** The test score of always giving the most frequent test answer; of a random choice for multiple choice. */
    static double of(TaskSample sample) {
        return sample.info().type() == TaskType.MULTIPLE_CHOICE ? random(sample) : majority(sample);
    }

    private static double random(TaskSample sample) {
        Candidates candidates = Candidates.of(sample);
        double sum = 0;
        for (Example row : sample.test()) {
            sum += 1.0 / candidates.of(row.input()).size();
        }
        return sum / sample.test().size();
    }

    private static double majority(TaskSample sample) {
        Map<String, Integer> counts = new HashMap<>();
        sample.test().forEach(row -> counts.merge(row.output(), 1, Integer::sum));
        String most = Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
        return sample.info().metric().score(Collections.nCopies(sample.test().size(), most), sample.test().stream().map(Example::outputs).toList());
    }

    /** The labels of a classification task. */
    static List<String> labels(TaskSample sample) {
        return sample.info().type() == TaskType.CLASSIFICATION ? Candidates.of(sample).labels() : List.of();
    }
}
