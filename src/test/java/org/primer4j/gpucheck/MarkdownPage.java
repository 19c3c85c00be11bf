package org.primer4j.gpucheck;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report for people. */
record MarkdownPage(Report report) {

    private static final Map<StageResult.Status, String> WORDS = Map.of(StageResult.Status.PASSED, "passed", StageResult.Status.FAILED, "**FAILED**",
        StageResult.Status.LEFT_OUT, "left out", StageResult.Status.NOT_RUN, "**not run**");

    String text() {
        StringBuilder page = new StringBuilder(report.emulated() ? "# GPU check, rehearsed\n\n**Over an emulation of CUDA on a CPU: no figure here says anything of a GPU.**\n\n"
            : "# GPU check\n\n");
        report.facts().forEach((name, fact) -> page.append("- ").append(name).append(": ").append(fact).append('\n'));
        page.append("\n## Stages\n\n| stage | | seconds | limit |\n|---|---|---:|---:|\n");
        report.stages().forEach(stage -> page.append(row(stage.name(), WORDS.get(stage.status()), seconds(stage.seconds()), seconds(stage.limit()))));
        goals(page);
        report.stages().forEach(stage -> stage(page, stage));
        return page.toString();
    }

    private void goals(StringBuilder page) {
        if (!report.goals().isEmpty()) {
            page.append("\n## Goals\n\n| figure | found | at least | |\n|---|---:|---:|---|\n");
            report.goals().forEach(goal -> page.append(row(goal.what(), number(goal.found()), number(goal.least()), goal.met() ? "met" : "**missed**")));
        }
    }

    private static void stage(StringBuilder page, StageResult stage) {
        if (stage.problems().isEmpty() && stage.notes().isEmpty() && stage.figures().isEmpty()) {
            return;
        }
        page.append("\n## ").append(stage.name()).append("\n\n");
        stage.problems().forEach(problem -> page.append(stage.status() == StageResult.Status.FAILED ? "- **problem:** " : "- left out: ").append(plain(problem)).append('\n'));
        stage.notes().forEach(note -> page.append("- ").append(plain(note)).append('\n'));
        if (!stage.figures().isEmpty()) {
            page.append("\n| what | shape | dtype | unit | median | from | to | measurements | floor | median and floor | floor counts |\n"
                + "|---|---|---|---|---:|---:|---:|---:|---:|---:|---|\n");
            stage.figures().forEach(figure -> page.append(figure(figure)));
        }
    }

    private static String figure(Figure figure) {
        Figure.Spread spread = figure.spread();
        return row(figure.what(), figure.shape(), figure.dtype(), figure.unit(), number(spread.median()), number(spread.min()), number(spread.max()),
            String.valueOf(spread.count()), figure.floor() == null ? "" : number(figure.floor()),
            figure.share() == null ? "" : Math.round(100 * figure.share()) + " %", figure.floorFrom());
    }

    private static String row(String... cells) {
        return List.of(cells).stream().map(MarkdownPage::plain).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    // One line, and no column of its own.
    private static String plain(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ").replace("|", "\\|");
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Four digits that count. */
    static String number(double value) {
        int whole = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%,." + Math.max(0, 4 - Math.max(whole, 0) - (whole < 0 ? whole : 0)) + "f", value);
    }
}
