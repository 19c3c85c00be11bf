package org.primer4j.experiment.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.primer4j.Format;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.Summary;
import org.primer4j.experiment.TaskRow;
import org.primer4j.experiment.VariantSummary;
import org.primer4j.experiment.report.LineChart.Line;
import org.primer4j.experiment.report.LineChart.Point;
import org.primer4j.priming.PrimingResult;
import org.primer4j.training.CurvePoint;

/** The report's sections, from the answer to the details. */
final class Sections {

    private final Markup page;
    private final Results results;
    private final Summary summary;

    Sections(Markup page, Results results, Summary summary) {
        this.page = page;
        this.results = results;
        this.summary = summary;
    }

    void draw() {
        header();
        summary.variants().forEach(this::tasks);
        curves();
        tables();
        provenance();
    }

    private void header() {
        long tasks = results.runs().stream().map(RunResult::task).distinct().count();
        boolean compares = !summary.variants().stream().allMatch(VariantSummary::oneStart);
        page.open("header").element("h1", compares ? "Few-shot tuning, primed and unprimed" : "Few-shot tuning");
        page.element("p", "%s, %s, %s, %s".formatted(results.model(), Format.count(tasks, "task"),
                Format.count(results.runs().size(), "run"), Format.duration(results.seconds())), "class", "muted").close();
        page.open("main").open("div", "class", "cards");
        summary.variants().forEach(variant -> {
            if (variant.oneStart()) {
                mean(variant);
            } else {
                card(variant);
            }
        });
        page.close();
        if (compares) {
            page.element("p", "ARG is the average relative gain of the primed over the unprimed start, with a 95 % bootstrap "
                    + "interval over tasks. A relative gain flatters a weak baseline, so read it with the absolute scores and "
                    + "with the best unprimed alternative: the unprimed method with the best dev score on each task.",
                    "class", "muted");
        }
        Notes.undefined(page, results.runs().stream().mapToInt(RunResult::undefined).sum());
        Notes.diverged(page, results.runs().stream().mapToInt(RunResult::diverged).sum());
    }

    // Of a single start there is a mean and nothing to compare it with.
    private void mean(VariantSummary variant) {
        page.open("section", "class", "card").element("h2", "Mean score, " + variant.variant());
        page.element("p", Format.score(Curves.mean(variant.rows().stream().mapToDouble(Sections::onlyScore).toArray())), "class", "headline");
        page.element("p", Format.count(variant.rows().size(), "task") + ", "
                + (isUnprimed(variant.rows().get(0)) ? RunResult.UNPRIMED : RunResult.PRIMED), "class", "muted").close();
    }

    private static boolean isUnprimed(TaskRow row) {
        return !Double.isNaN(row.unprimed());
    }

    private static double onlyScore(TaskRow row) {
        return isUnprimed(row) ? row.unprimed() : row.primed();
    }

    private void card(VariantSummary variant) {
        page.open("section", "class", "card").element("h2", "ARG, " + variant.variant());
        if (variant.tasks() > 0) {
            gains(variant);
        }
        note(variant.gain().skipped(), "skipped in the ARG: a baseline of 0 has no relative gain");
        note(variant.gainOverBest().skipped(), "skipped in the ARG over best unprimed, for the same reason");
        note(variant.incomplete(), "left out: not run on the same samples from both starts");
        page.close();
    }

    private void gains(VariantSummary variant) {
        page.element("p", Format.gain(variant.gain().skippingUndefined()), "class", "headline");
        page.element("p", "95 % interval " + Format.interval(variant.gain().interval()), "class", "muted");
        page.open("dl");
        entry("mean unprimed", Format.score(variant.unprimed()));
        entry("mean primed", Format.score(variant.primed()));
        entry("mean best unprimed", Format.score(variant.bestUnprimed()));
        entry("ARG over best unprimed", Format.gain(variant.gainOverBest().skippingUndefined()));
        entry("its interval", Format.interval(variant.gainOverBest().interval()));
        entry("tasks better / worse", variant.wins() + " / " + variant.losses() + " of " + variant.tasks());
        page.close();
    }

    private void note(int tasks, String what) {
        if (tasks > 0) {
            page.element("p", Format.count(tasks, "task") + " " + what, "class", "muted note");
        }
    }

    private void tasks(VariantSummary variant) {
        page.open("section").element("h2", "Test score by task, " + variant.variant());
        boolean compares = !variant.oneStart();
        if (compares) {
            page.element("p", "Largest change in score first; the relative gain stands at the right.", "class", "muted");
        }
        Legends.scores(page, RunResult.UNPRIMED, RunResult.PRIMED, false);
        Dumbbells.draw(page, RunResult.UNPRIMED, RunResult.PRIMED, variant.rows().stream().map(row -> row(row, compares)).toList());
        page.close();
    }

    private static Dumbbells.Row row(TaskRow row, boolean compares) {
        String right = row.complete() ? Format.gain(row.gain()) : compares ? Dumbbells.NOT_PAIRED : Format.score(onlyScore(row));
        return new Dumbbells.Row(row.task(), row.metric(), scores(row.unprimed(), row.unprimedScores()),
                scores(row.primed(), row.primedScores()), row.chance(), row.complete(), right);
    }

    private static Dumbbells.Scores scores(double mean, List<Double> samples) {
        return new Dumbbells.Scores(mean, samples, Interval.UNDEFINED);
    }

    private void curves() {
        if (results.priming() != null) {
            priming(results.priming());
        }
        page.open("section").element("h2", "Tuning");
        Legends.lines(page, RunResult.UNPRIMED, RunResult.PRIMED);
        page.open("div", "class", "charts");
        for (VariantSummary variant : summary.variants()) {
            tuning(variant, "mean training loss", CurvePoint::loss);
            tuning(variant, "mean dev score", CurvePoint::dev);
        }
        page.close().close();
    }

    private void priming(PrimingResult priming) {
        page.open("section").element("h2", "Priming").element("p", String.format(Locale.ROOT, "%s, %s, %,d examples, %,d tokens in %s",
                Format.count(priming.tasks(), "train task"), Format.count(priming.steps(), "step"), priming.examples(),
                priming.tokens(), Format.duration(priming.seconds())), "class", "muted");
        List<Point> points = priming.curve().stream().map(point -> new Point(point.step(), point.loss())).toList();
        LineChart.draw(page, "training loss", List.of(new Line("priming", "priming", points)));
        page.close();
    }

    private void tuning(VariantSummary variant, String what, Function<CurvePoint, Double> value) {
        List<RunResult> runs = results.runs().stream().filter(run -> run.method().equals(variant.variant().method())
                && run.objective().equals(variant.variant().objective())).toList();
        LineChart.draw(page, variant.variant() + ": " + what, List.of(line(runs, RunResult.UNPRIMED, value),
                line(runs, RunResult.PRIMED, value)));
    }

    private static Line line(List<RunResult> runs, String start, Function<CurvePoint, Double> value) {
        return new Line(start, start, Curves.mean(runs.stream().filter(run -> run.start().equals(start)).map(RunResult::curve).toList(), value));
    }

    private void tables() {
        page.open("section").element("h2", "Scores by task");
        Tables.tasks(page, summary);
        page.open("details").element("summary", "All " + Format.count(results.runs().size(), "run"));
        Tables.runs(page, results);
        page.close().close();
    }

    private void provenance() {
        page.open("section").element("h2", "How to run it again").open("dl");
        page.element("dt", "command").open("dd").element("code", results.command()).close();
        entry("seed", String.valueOf(results.seed()));
        entry("model", results.model());
        entry("device", "%s, %s".formatted(results.device(), Format.count(results.threads(), "thread")));
        entry("version", results.commit().isEmpty() ? results.primerVersion()
                : results.primerVersion() + ", commit " + results.commit());
        entry("time", Format.duration(results.seconds()));
        for (Map.Entry<String, Object> setting : results.settings().entrySet()) {
            entry(setting.getKey(), String.valueOf(setting.getValue()));
        }
        page.close().close().close();
    }

    private void entry(String name, String value) {
        page.element("dt", name).element("dd", value);
    }
}
