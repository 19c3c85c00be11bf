package org.primer4j.gym;

import java.util.List;

/**
 * One few-shot draw of a task.
 *
 * @param info  the task
 * @param seed  names the draw of train and dev rows, as in the files' names
 * @param train rows to tune on
 * @param dev   rows to choose settings by
 * @param test  rows to report on
 */
public record TaskSample(TaskInfo info, int seed, List<Example> train, List<Example> dev, List<Example> test) {

    public TaskSample {
        train = List.copyOf(train);
        dev = List.copyOf(dev);
        test = List.copyOf(test);
    }
}
