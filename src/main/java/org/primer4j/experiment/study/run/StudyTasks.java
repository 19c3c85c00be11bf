package org.primer4j.experiment.study.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.spec.TaskSpec;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;

/**
 * A study's tasks by name.
 *
 * @param train   tasks to prime on
 * @param dev     tasks that choose the best priming step
 * @param test    tasks to tune on
 * @param skipped tasks of the gym's split that the model cannot answer
 */
public record StudyTasks(List<String> train, List<String> dev, List<String> test, List<String> skipped) {

    public StudyTasks {
        train = List.copyOf(train);
        dev = List.copyOf(dev);
        test = List.copyOf(test);
        skipped = List.copyOf(skipped);
    }

    /**
     * The tasks that a specification means in a gym.
     *
     * @param writes whether the model writes its answers, so that it can answer tasks of every type
     * @throws BadInputException if a task is unknown, cannot be answered, or is in two of the lists
     */
    static StudyTasks of(TaskSpec spec, Path folder, Gym gym, boolean writes) {
        boolean needsSplits = spec.train() == null || spec.dev() == null || spec.test() == null;
        Splits splits = needsSplits ? Splits.read(folder.resolve("splits.json"), gym) : new Splits(List.of(), List.of(), List.of());
        List<String> skipped = new ArrayList<>();
        StudyTasks tasks = new StudyTasks(choose(spec.train(), splits.train(), gym, writes, skipped),
                choose(spec.dev(), splits.dev(), gym, writes, skipped), choose(spec.test(), splits.test(), gym, writes, skipped), skipped);
        tasks.check(folder);
        return tasks;
    }

    private static List<String> choose(List<String> named, List<String> split, Gym gym, boolean writes, List<String> skipped) {
        List<String> chosen = new ArrayList<>();
        for (String task : named == null ? split : named) {
            if (writes || gym.info(task).type().closed()) {
                gym.info(task).metric();
                chosen.add(task);
            } else if (named == null) {
                skipped.add(task);
            } else {
                throw new BadInputException("Task " + task + " has free-text outputs; expected a classification or multiple-choice task, or a model"
                        + " that writes (bart, t5).");
            }
        }
        return chosen;
    }

    private void check(Path folder) {
        try {
            new TaskSpec(train, dev, test);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(folder + ": " + e.getMessage() + ".", e);
        }
        if (test.isEmpty()) {
            throw new BadInputException(folder + ": none of the test tasks can be answered by the model; expected at least one.");
        }
    }
}
