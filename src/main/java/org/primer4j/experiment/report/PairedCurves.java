package org.primer4j.experiment.report;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.primer4j.experiment.Bootstrap.Draws;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.report.LineChart.Point;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.training.CurvePoint;

/**
 * The mean curves over tasks of two starts, with bands made for comparing them. A task's curve is the mean over its
 * samples; tasks and steps that one start lacks are left out of both. The bands share the 95 % bootstrap interval [l, h] of
 * the mean difference d over tasks, half each: between the lines each reaches half as far as d is from the interval's end,
 * so that the bands part where the interval leaves 0 out. (Bands of each line alone would show how tasks differ in level,
 * which a paired comparison is free of: Cumming and Finch 2005, American Psychologist 60, 170-180.)
 *
 * @param before the mean without priming
 * @param after  the mean with it
 */
record PairedCurves(List<Point> before, List<Point> after) {

    /**
     * The curves of {@code value}, which is null where a point has none.
     *
     * @param before runs by task
     * @param after  runs by task
     * @param seed   the bootstrap's seed
     */
    static PairedCurves of(Map<String, List<StudyRun>> before, Map<String, List<StudyRun>> after,
                           Function<CurvePoint, Double> value, long seed) {
        List<Pair> pairs = pairs(before, after, value);
        Draws draws = Draws.of(pairs.size(), seed);
        // Most of the time that a large study's page takes.
        List<Points> points = commonSteps(pairs).parallelStream().map(step -> points(step, pairs, draws)).toList();
        return new PairedCurves(points.stream().map(Points::before).toList(), points.stream().map(Points::after).toList());
    }

    /** The two lines' points at one step. */
    private record Points(Point before, Point after) {
    }

    /** One task's values by step. */
    private record Pair(Map<Integer, Double> before, Map<Integer, Double> after) {
    }

    private static List<Pair> pairs(Map<String, List<StudyRun>> before, Map<String, List<StudyRun>> after,
                                    Function<CurvePoint, Double> value) {
        return before.keySet().stream().filter(after::containsKey)
                .filter(task -> RunIndex.samples(before.get(task)).equals(RunIndex.samples(after.get(task))))
                .map(task -> new Pair(Curves.byStep(before.get(task), value), Curves.byStep(after.get(task), value))).toList();
    }

    private static SortedSet<Integer> commonSteps(List<Pair> pairs) {
        SortedSet<Integer> steps = new TreeSet<>();
        pairs.forEach(pair -> steps.addAll(pair.before.keySet()));
        pairs.forEach(pair -> {
            steps.retainAll(pair.before.keySet());
            steps.retainAll(pair.after.keySet());
        });
        return steps;
    }

    private static Points points(int step, List<Pair> pairs, Draws draws) {
        double[] from = pairs.stream().mapToDouble(pair -> pair.before.get(step)).toArray();
        double[] to = pairs.stream().mapToDouble(pair -> pair.after.get(step)).toArray();
        double[] differences = new double[from.length];
        for (int i = 0; i < from.length; i++) {
            differences[i] = to[i] - from[i];
        }
        Interval interval = draws.interval95(differences);
        double difference = Curves.mean(differences);
        double below = (difference - interval.low()) / 2;
        double above = (interval.high() - difference) / 2;
        return new Points(new Point(step, Curves.mean(from), new Interval(Curves.mean(from) - above, Curves.mean(from) + below)),
                new Point(step, Curves.mean(to), new Interval(Curves.mean(to) - below, Curves.mean(to) + above)));
    }
}
