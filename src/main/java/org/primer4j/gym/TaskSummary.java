package org.primer4j.gym;

import java.util.List;

/**
 * A task's sizes, for listings.
 *
 * @param info   the task
 * @param seeds  its samples
 * @param labels distinct train outputs of a classification task, 0 for the others
 * @param train  rows in the first seed's train file
 * @param dev    rows in its dev file
 * @param test   rows in its test file
 */
public record TaskSummary(TaskInfo info, List<Integer> seeds, int labels, int train, int dev, int test) {

    public TaskSummary {
        seeds = List.copyOf(seeds);
    }

    /**
     * Sums up a task by reading its first sample.
     *
     * @throws org.primer4j.BadInputException as {@link Gym#read}
     */
    public static TaskSummary of(Gym gym, String task) {
        List<Integer> seeds = gym.seeds(task);
        TaskSample sample = gym.read(task, seeds.get(0));
        boolean labelled = sample.info().type() == TaskType.CLASSIFICATION;
        return new TaskSummary(sample.info(), seeds, labelled ? Candidates.of(sample).labels().size() : 0,
                sample.train().size(), sample.dev().size(), sample.test().size());
    }
}
