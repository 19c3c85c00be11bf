package org.primer4j.experiment.study;

import java.util.Arrays;
import java.util.List;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.statistics.Replicates;

/**
 * A recipe against direct tuning over the tasks that both have done on all samples. A relative gain flatters a baseline
 * near 0, so read {@code difference} beside {@code arg}.
 *
 * @param tasks              number of these tasks
 * @param arg                average relative gain; its interval is over tasks and samples
 * @param leaveOneOut        how much that depends on single tasks
 * @param direct             mean score of direct tuning, NaN for no tasks
 * @param primed             mean score of the recipe
 * @param difference         mean difference of the two
 * @param differenceInterval its 95 % interval over tasks and samples
 * @param better             tasks where the recipe's mean score is higher
 * @param worse              tasks where it is lower
 */
public record Gain(int tasks, Arg arg, LeaveOneTaskOut leaveOneOut, double direct, double primed, double difference,
                   Interval differenceInterval, int better, int worse) {

    static Gain of(MethodScores scores, String recipe, List<String> tasks) {
        Replicates gain = scores.gain(recipe, tasks);
        Replicates before = scores.score(StudyRun.DIRECT, tasks);
        Replicates after = scores.score(recipe, tasks);
        Replicates difference = Replicates.sum(List.of(after, before), new double[] {1, -1});
        return new Gain(tasks.size(), Arg.ofGains(gain.values(), percent(gain.interval95())),
                LeaveOneTaskOut.of(tasks, gain.values()), Arg.mean(before.values()), Arg.mean(after.values()),
                Arg.mean(difference.values()), difference.interval95(),
                (int) Arrays.stream(difference.values()).filter(value -> value > 0).count(),
                (int) Arrays.stream(difference.values()).filter(value -> value < 0).count());
    }

    private static Interval percent(Interval fraction) {
        return fraction.isDefined() ? new Interval(100 * fraction.low(), 100 * fraction.high()) : fraction;
    }
}
