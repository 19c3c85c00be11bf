package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.primer4j.experiment.Bootstrap;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.report.LineChart.Point;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.training.CurvePoint;

class PairedCurvesTest {

    private static StudyRun run(String task, int sample, Map<Integer, Double> dev) {
        List<CurvePoint> curve = new ArrayList<>();
        new TreeMap<>(dev).forEach((step, score) -> curve.add(new CurvePoint(step, 1, score)));
        return new StudyRun("r", "m", task, "type", "ACC", sample, 0.5, 0.5, 0.5, 0, 0, Map.of(), curve);
    }

    private static PairedCurves dev(Map<String, List<StudyRun>> before, Map<String, List<StudyRun>> after) {
        return PairedCurves.of(before, after, CurvePoint::dev, 1);
    }

    @Test
    void averagesSamplesThenTasksAtTheStepsOfAll() {
        Map<String, List<StudyRun>> before = Map.of("a", List.of(run("a", 1, Map.of(0, 0.2, 10, 0.4)), run("a", 2, Map.of(0, 0.4, 10, 0.6))),
                "b", List.of(run("b", 1, Map.of(0, 0.5, 10, 0.7, 20, 0.9)), run("b", 2, Map.of(0, 0.5, 10, 0.7, 20, 0.9))));
        PairedCurves curves = dev(before, before);
        assertEquals(List.of(0, 10), curves.before().stream().map(Point::step).toList());
        assertEquals(0.4, curves.before().get(0).value(), 1e-12);
        assertEquals(0.6, curves.after().get(1).value(), 1e-12);
    }

    @Test
    void leavesOutTasksThatAreNotOfTheSameSamples() {
        Map<String, List<StudyRun>> before = Map.of("a", List.of(run("a", 1, Map.of(0, 0.2))), "b", List.of(run("b", 1, Map.of(0, 0.9))));
        Map<String, List<StudyRun>> after = Map.of("a", List.of(run("a", 1, Map.of(0, 0.3))), "b", List.of(run("b", 2, Map.of(0, 0.1))),
                "c", List.of(run("c", 1, Map.of(0, 0.1))));
        PairedCurves curves = dev(before, after);
        assertEquals(0.2, curves.before().get(0).value(), 1e-12);
        assertEquals(0.3, curves.after().get(0).value(), 1e-12);
        assertTrue(!curves.before().get(0).interval().isDefined(), "one task says nothing about others");
    }

    @Test
    void noCommonTaskOrStepGivesNoCurve() {
        assertEquals(List.of(), dev(Map.of(), Map.of()).before());
        assertEquals(List.of(), dev(Map.of("a", List.of(run("a", 1, Map.of(0, 0.2)))), Map.of("a", List.of(run("a", 1, Map.of(1, 0.2))))).after());
    }

    @Property(tries = 100)
    void bandsPartWhereTheIntervalOfTheDifferenceLeavesOutZero(@ForAll long seed) {
        Random random = new Random(seed);
        Map<String, List<StudyRun>> before = new LinkedHashMap<>();
        Map<String, List<StudyRun>> after = new LinkedHashMap<>();
        double[] differences = new double[6];
        double shift = 0.2 * random.nextGaussian();
        for (int task = 0; task < differences.length; task++) {
            double level = random.nextDouble();
            differences[task] = shift + 0.2 * random.nextGaussian();
            before.put("t" + task, List.of(run("t" + task, 1, Map.of(0, level))));
            after.put("t" + task, List.of(run("t" + task, 1, Map.of(0, level + differences[task]))));
        }
        PairedCurves curves = dev(before, after);
        Interval first = curves.before().get(0).interval();
        Interval second = curves.after().get(0).interval();
        Interval difference = Bootstrap.interval95(differences, 1);
        assertEquals(difference.low(), second.low() - first.high(), 1e-9);
        assertEquals(difference.high(), second.high() - first.low(), 1e-9);
        assertTrue(first.low() <= curves.before().get(0).value() + 1e-12 && curves.before().get(0).value() <= first.high() + 1e-12);
    }
}
