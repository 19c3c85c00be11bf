package org.primer4j.experiment.study;

import static java.util.stream.Collectors.toMap;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.primer4j.experiment.Quantile;
import org.primer4j.training.CurvePoint;

/**
 * How soon tuning is nearly as good as it gets: the first step whose dev score is at least 90 % of the run's best one.
 * Each run counts with the setting that was chosen for it, against direct tuning on the same task and sample.
 *
 * @param recipe      the recipe
 * @param method      the method
 * @param runs        number of pairs of runs; those without a positive dev score on their curve have no such step
 * @param steps       median first step of the recipe's runs, NaN for none
 * @param directSteps the same of direct tuning's
 * @param sooner      pairs in which the recipe's run is there first
 * @param later       pairs in which direct tuning is
 */
public record Convergence(String recipe, String method, int runs, double steps, double directSteps, int sooner, int later) {

    private static final double NEARLY = 0.9;

    private record Key(String task, int sample) {

        static Key of(StudyRun run) {
            return new Key(run.task(), run.sample());
        }
    }

    private record Pair(int steps, int direct) {
    }

    static Convergence of(StudyResults results, String recipe, String method) {
        Map<Key, StudyRun> direct = runs(results, StudyRun.DIRECT, method).stream().collect(toMap(Key::of, run -> run));
        List<Pair> pairs = runs(results, recipe, method).stream().filter(run -> direct.containsKey(Key.of(run)))
                .flatMap(run -> pair(firstStep(run.curve()), firstStep(direct.get(Key.of(run)).curve())).stream()).toList();
        return new Convergence(recipe, method, pairs.size(), median(pairs.stream().mapToInt(Pair::steps).toArray()),
                median(pairs.stream().mapToInt(Pair::direct).toArray()),
                (int) pairs.stream().filter(pair -> pair.steps() < pair.direct()).count(),
                (int) pairs.stream().filter(pair -> pair.steps() > pair.direct()).count());
    }

    /** The first step of {@code curve} with 90 % of its best dev score; empty if that is not positive. */
    public static OptionalInt firstStep(List<CurvePoint> curve) {
        List<CurvePoint> scored = curve.stream().filter(point -> point.dev() != null).toList();
        double best = scored.stream().mapToDouble(CurvePoint::dev).max().orElse(0);
        return best <= 0 ? OptionalInt.empty()
                : scored.stream().filter(point -> point.dev() >= NEARLY * best).mapToInt(CurvePoint::step).min();
    }

    private static List<StudyRun> runs(StudyResults results, String recipe, String method) {
        return results.runs().stream().filter(run -> run.recipe().equals(recipe) && run.method().equals(method)).toList();
    }

    private static List<Pair> pair(OptionalInt steps, OptionalInt direct) {
        return steps.isPresent() && direct.isPresent() ? List.of(new Pair(steps.getAsInt(), direct.getAsInt())) : List.of();
    }

    private static double median(int[] steps) {
        return steps.length == 0 ? Double.NaN : Quantile.of(Arrays.stream(steps).asDoubleStream().toArray(), 0.5);
    }
}
