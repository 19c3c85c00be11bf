package org.primer4j.experiment.report;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.Format;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.StudySummary;

/** A study's page, from the question and its answer to what is needed to run it again. */
final class StudyPage {

    private final Markup page;
    private final StudyResults results;
    private final StudyManifest manifest;
    private final StudySummary summary;
    private final StudyCosts costs;

    StudyPage(Markup page, StudyResults results, StudySummary summary, StudyCosts costs) {
        this.page = page;
        this.results = results;
        this.summary = summary;
        this.manifest = results.manifest();
        this.costs = costs;
    }

    /** Draws the page; {@code revision} is the number of a page that is served, null of one that is a file. */
    void draw(Integer revision) {
        page.open("main", "data-revision", revision);
        header();
        progress();
        new StudyAnswer(page, summary).draw();
        StudyMatrices matrices = new StudyMatrices(page, results, summary);
        matrices.gains();
        StudyInfluence.draw(page, summary);
        new StudyPanels(page, results).draw(best());
        matrices.convergence();
        cost();
        StudyComparisons.draw(page, summary);
        matrices.types();
        everything();
        provenance();
        page.close();
    }

    /** The recipe whose tasks are shown first. */
    private int best() {
        return summary.bestByArg().map(result -> manifest.recipes().indexOf(result.recipe())).orElse(0);
    }

    private void header() {
        page.open("header").element("h1", "Which priming serves few-shot adapters best?");
        page.open("p", "class", "muted").element("bdi", manifest.name()).text(": ").element("bdi", manifest.model())
                .text(", %s, %s, %s, %s each".formatted(Format.count(manifest.recipes().size(), "recipe"),
                        Format.count(manifest.methods().size(), "method"), Format.count(manifest.testTasks().size(), "test task"),
                        Format.count(manifest.samples().size(), "sample"))).close();
        page.close();
    }

    private void progress() {
        page.element("p", "", "id", "connection", "class", "worse", "role", "status");
        if (results.complete()) {
            return;
        }
        long planned = manifest.plannedRuns();
        page.open("div", "class", "progress");
        page.element("progress", "", "max", planned, "value", results.runs().size(), "aria-label", "tuning runs done");
        page.element("p", "Not finished: %,d of %,d tuning runs, %s so far%s. What follows is of these.".formatted(results.runs().size(),
                planned, Format.count(results.primings().size(), "priming"), remaining()), "class", "muted");
        page.close();
    }

    private String remaining() {
        double seconds = Remaining.seconds(results, costs);
        return Double.isNaN(seconds) ? "" : ", about " + Format.duration(seconds) + " of one process's time left";
    }

    private void cost() {
        page.open("section").element("h2", "Cost");
        page.element("p", "All methods together. First its primings: how many, the examples they read, their wall time and highest planned native "
                + "memory; then the tuning runs on all tasks and samples.", "class", "muted");
        List<String> recipes = new ArrayList<>(List.of(StudyRun.DIRECT));
        recipes.addAll(manifest.recipes());
        StudyCostTable.draw(page, recipes, costs);
        page.close();
    }

    private void everything() {
        page.open("section").element("h2", "Everything that was run");
        Notes.undefined(page, results.runs().stream().mapToInt(StudyRun::undefined).sum());
        Notes.diverged(page, results.runs().stream().mapToInt(StudyRun::diverged).sum());
        page.open("details", "id", "primings").element("summary", Format.count(results.primings().size(), "priming"));
        StudyTables.primings(page, results);
        StudyTables.primingCurves(page, results);
        page.close().open("details", "id", "runs").element("summary", Format.count(results.runs().size(), "tuning run"));
        StudyTables.runs(page, results);
        page.close().close();
    }

    private void provenance() {
        page.open("section").element("h2", "Manifest").open("details", "id", "manifest").element("summary", "What it takes to run it again");
        page.open("dl");
        entry("study", manifest.name());
        entry("seed", String.valueOf(manifest.seed()));
        entry("model", manifest.model());
        entry("its SHA-256", manifest.modelSha256());
        entry("device", "%s, %s".formatted(manifest.device(), Format.count(manifest.threads(), "thread")));
        entry("version", manifest.commit().isEmpty() ? manifest.primerVersion() : manifest.primerVersion() + ", commit " + manifest.commit());
        entry("samples", list(manifest.samples()));
        entry("train tasks", list(manifest.trainTasks()));
        entry("dev tasks", list(manifest.devTasks()));
        entry("test tasks", list(manifest.testTasks()));
        manifest.settings().forEach((name, value) -> entry(name, String.valueOf(value)));
        page.close();
        hashes();
        page.close().close();
    }

    private void hashes() {
        SortableTable.draw(page, "SHA-256 of the tasks' rows", SortableTable.columns("task", "SHA-256"), manifest.taskSha256().entrySet()
                .stream().map(entry -> List.of(SortableTable.Cell.of(entry.getKey()), SortableTable.Cell.of(entry.getValue()))).toList());
    }

    private void entry(String name, String value) {
        page.element("dt", name).element("dd", value);
    }

    private static String list(List<?> items) {
        return items.isEmpty() ? "none" : String.join(", ", items.stream().map(String::valueOf).toList());
    }
}
