package org.primer4j.experiment.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.primer4j.Format;
import org.primer4j.experiment.Bootstrap;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.report.LineChart.Line;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.training.CurvePoint;

/**
 * One panel a recipe and method, against direct tuning with the same method: scores by task and learning curves. The script
 * shows the panel that is chosen; without it they all stand one after the other.
 */
final class StudyPanels {

    private final Markup page;
    private final StudyManifest manifest;
    private final RunIndex runs;

    StudyPanels(Markup page, StudyResults results) {
        this.page = page;
        this.manifest = results.manifest();
        this.runs = new RunIndex(results);
    }

    /** The id of a panel, by the positions of its recipe and method in the manifest. */
    static String id(int recipe, int method) {
        return "panel-" + recipe + "-" + method;
    }

    /** Draws the panels; the first method's of the recipe at position {@code best} is shown first. */
    void draw(int best) {
        page.open("section", "id", "panels", "data-best", id(best, 0)).element("h2", "Task by task, and while learning");
        page.open("div", "class", "choices", "hidden", "hidden");
        choice("recipe", manifest.recipes());
        choice("method", manifest.methods());
        page.close();
        page.element("p", "Of this pair nothing has finished yet.", "class", "muted", "data-panel", "", "hidden", "hidden");
        for (int recipe = 0; recipe < manifest.recipes().size(); recipe++) {
            for (int method = 0; method < manifest.methods().size(); method++) {
                panel(recipe, method);
            }
        }
        page.close();
    }

    private void choice(String name, List<String> options) {
        page.open("label").text(name + " ").open("select", "data-choice", name);
        for (int i = 0; i < options.size(); i++) {
            page.element("option", options.get(i), "value", i);
        }
        page.close().close();
    }

    private void panel(int recipe, int method) {
        String name = manifest.recipes().get(recipe);
        Map<String, List<StudyRun>> before = runs.tasks(StudyRun.DIRECT, manifest.methods().get(method));
        Map<String, List<StudyRun>> after = runs.tasks(name, manifest.methods().get(method));
        if (before.isEmpty() || after.isEmpty()) {
            return;
        }
        page.open("div", "id", id(recipe, method), "data-panel", recipe + " " + method);
        page.open("h3").element("bdi", name).text(" against direct, ").element("bdi", manifest.methods().get(method)).close();
        tasks(name, before, after);
        curves(name, before, after);
        page.close().text("\n");
    }

    private void tasks(String recipe, Map<String, List<StudyRun>> before, Map<String, List<StudyRun>> after) {
        page.element("p", "Test score of each task, in its own metric; largest change first, the relative gain at the right. The "
                + "intervals are bootstraps; of two samples, just their range.", "class", "muted");
        Legends.scores(page, StudyRun.DIRECT, recipe, true);
        List<Dumbbells.Row> rows = new ArrayList<>();
        for (String task : manifest.testTasks()) {
            if (before.containsKey(task) || after.containsKey(task)) {
                rows.add(row(task, before.getOrDefault(task, List.of()), after.getOrDefault(task, List.of())));
            }
        }
        Dumbbells.draw(page, StudyRun.DIRECT, recipe, rows);
    }

    private Dumbbells.Row row(String task, List<StudyRun> before, List<StudyRun> after) {
        StudyRun any = before.isEmpty() ? after.get(0) : before.get(0);
        Dumbbells.Scores from = scores(before);
        Dumbbells.Scores to = scores(after);
        double chance = Curves.mean(Stream.concat(before.stream(), after.stream()).mapToDouble(StudyRun::chance).toArray());
        boolean paired = RunIndex.samples(before).equals(RunIndex.samples(after));
        return new Dumbbells.Row(task, any.metric(), from, to, chance, paired,
                paired ? Format.gain(100 * (to.mean() - from.mean()) / from.mean()) : Dumbbells.NOT_PAIRED);
    }

    private Dumbbells.Scores scores(List<StudyRun> runs) {
        double[] scores = runs.stream().mapToDouble(StudyRun::testScore).toArray();
        Interval interval = Bootstrap.interval95(scores, manifest.seed());
        return new Dumbbells.Scores(Curves.mean(scores), runs.stream().map(StudyRun::testScore).toList(), interval);
    }

    private void curves(String recipe, Map<String, List<StudyRun>> before, Map<String, List<StudyRun>> after) {
        page.element("p", "Means over the tasks that both have. Where the two bands part, the 95 % interval of the mean difference "
                + "over tasks leaves out 0.", "class", "muted");
        Legends.lines(page, StudyRun.DIRECT, recipe);
        page.open("div", "class", "charts");
        curve("mean dev score", recipe, before, after, CurvePoint::dev);
        curve("mean training loss, nats", recipe, before, after, CurvePoint::loss);
        page.close();
    }

    private void curve(String title, String recipe, Map<String, List<StudyRun>> before, Map<String, List<StudyRun>> after,
                       Function<CurvePoint, Double> value) {
        PairedCurves curves = PairedCurves.of(before, after, value, manifest.seed());
        LineChart.draw(page, title, List.of(new Line(RunResult.UNPRIMED, StudyRun.DIRECT, curves.before()),
                new Line(RunResult.PRIMED, recipe, curves.after())));
    }
}
