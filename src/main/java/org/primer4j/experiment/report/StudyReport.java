package org.primer4j.experiment.report;

import java.nio.file.Path;
import org.primer4j.BadInputException;
import org.primer4j.experiment.AtomicText;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudySummary;

/** A study as one HTML page (see {@link PageFrame}), finished or not; the same for the same results and costs. */
public final class StudyReport {

    private StudyReport() {
    }

    /**
     * Writes the page whole or not at all.
     *
     * @param summary of {@code results}
     * @throws BadInputException if {@code file} cannot be written
     */
    public static void write(Path file, StudyResults results, StudySummary summary, StudyCosts costs) {
        AtomicText.write(file, render(results, summary, costs));
    }

    /** The page's source. */
    public static String render(StudyResults results, StudySummary summary, StudyCosts costs) {
        return PageFrame.render(title(results), PageFrame.SEALED, page -> new StudyPage(page, results, summary, costs).draw(null),
                "sort.js", "panels.js");
    }

    /** The source of a page that follows the study, as number {@code revision}; for the server of this report. */
    public static String renderLive(StudyResults results, StudyCosts costs, int revision) {
        StudySummary summary = StudySummary.of(results);
        return PageFrame.render(title(results), PageFrame.SERVED, page -> new StudyPage(page, results, summary, costs).draw(revision),
                "sort.js", "panels.js", "live.js");
    }

    private static String title(StudyResults results) {
        return "Primer4J study: " + results.manifest().name();
    }
}
