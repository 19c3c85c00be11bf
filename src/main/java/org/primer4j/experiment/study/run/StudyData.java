package org.primer4j.experiment.study.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.Interruption;
import org.primer4j.files.Sha256;
import org.primer4j.gym.Gym;
import org.primer4j.gym.TaskSample;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.Learner;
import org.primer4j.training.RowEncoder;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningHash;

/**
 * The samples of a gym's tasks that a study reads: their hashes for the plan, and their rows when they are needed.
 *
 * @param <E> a row as the model reads it
 */
final class StudyData<E extends TaskRow> {

    /** One draw of a task. */
    record SampleName(String task, int sample) {
    }

    private final Learner<E> learner;
    private final PretrainedModel model;
    private final Gym gym;
    private final Map<SampleName, String> hashes = new HashMap<>();

    StudyData(Learner<E> learner, PretrainedModel model, Gym gym) {
        this.learner = learner;
        this.model = model;
        this.gym = gym;
    }

    /** SHA-256 of all rows of a sample, as they were when it was first asked for. */
    String hash(String task, int sample) {
        return hashes.computeIfAbsent(new SampleName(task, sample), name -> {
            Interruption.check();
            return TuningHash.withTest(gym.read(task, sample));
        });
    }

    /** SHA-256 of a task's samples. */
    String hash(String task, List<Integer> samples) {
        Sha256 hash = new Sha256();
        samples.forEach(sample -> hash.number(sample).text(hash(task, sample)));
        return hash.hex();
    }

    /** Samples to prime on or to choose by: train and dev rows alone. */
    List<TaskData<E>> withoutTest(List<String> tasks, List<Integer> samples) {
        List<TaskSample> read = new ArrayList<>();
        for (String task : tasks) {
            for (int sample : samples) {
                TaskSample all = read(task, sample);
                read.add(new TaskSample(all.info(), all.seed(), all.train(), all.dev(), List.of()));
            }
        }
        return encode(read);
    }

    /** A sample to tune on. */
    TaskData<E> of(String task, int sample) {
        return encode(List.of(read(task, sample))).get(0);
    }

    private List<TaskData<E>> encode(List<TaskSample> samples) {
        try (RowEncoder<E> encoder = learner.rows(model)) {
            return encoder.samples(samples);
        }
    }

    private TaskSample read(String task, int sample) {
        Interruption.check();
        TaskSample read = gym.read(task, sample);
        if (!TuningHash.withTest(read).equals(hash(task, sample))) {
            throw new BadInputException("Task " + task + ", sample " + sample + ": its files were changed while the study ran; expected files that stay"
                    + " as they are.");
        }
        return read;
    }
}
