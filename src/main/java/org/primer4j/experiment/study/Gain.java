package org.primer4j.experiment.study;

import java.util.Arrays;
import java.util.List;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.statistics.TaskStatistic;

/**
 * A recipe against direct tuning over the tasks that both have done on all samples. A relative gain flatters a baseline
 * near 0, so read {@code difference} beside {@code arg}.
 *
 * @param tasks              number of these tasks
 * @param arg                average relative gain; its interval is over tasks and samples
 * @param direct             mean score of direct tuning, NaN for no tasks
 * @param primed             mean score of the recipe
 * @param difference         mean difference of the two
 * @param differenceInterval its 95 % interval over tasks and samples
 * @param better             tasks where the recipe's mean score is higher
 * @param worse              tasks where it is lower
 */
public record Gain(int tasks, Arg arg, double direct, double primed, double difference, Interval differenceInterval,
                   int better, int worse) {

    static Gain of(ScoreTable table, Draws draws, String recipe, List<String> methods, List<String> tasks) {
        TaskStatistic gain = table.gain(recipe, methods, tasks);
        TaskStatistic before = table.score(StudyRun.DIRECT, methods, tasks);
        TaskStatistic after = table.score(recipe, methods, tasks);
        TaskStatistic difference = (task, samples) -> after.of(task, samples) - before.of(task, samples);
        int count = tasks.size();
        double[] differences = draws.values(count, difference);
        Interval argInterval = draws.interval(count, (task, samples) -> 100 * gain.of(task, samples));
        return new Gain(count, Arg.ofGains(draws.values(count, gain), argInterval), Arg.mean(draws.values(count, before)),
                Arg.mean(draws.values(count, after)), Arg.mean(differences), draws.interval(count, difference),
                (int) Arrays.stream(differences).filter(value -> value > 0).count(),
                (int) Arrays.stream(differences).filter(value -> value < 0).count());
    }
}
