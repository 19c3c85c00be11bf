package org.primer4j.experiment.report;

import java.nio.file.Path;
import org.primer4j.BadInputException;
import org.primer4j.experiment.AtomicText;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.Summary;

/** The results of a tuning run as one HTML page (see {@link PageFrame}), the same for the same results. */
public final class HtmlReport {

    private HtmlReport() {
    }

    /**
     * Writes the page whole or not at all.
     *
     * @throws BadInputException if {@code file} cannot be written
     */
    public static void write(Path file, Results results) {
        AtomicText.write(file, render(results));
    }

    /** The page's source. */
    public static String render(Results results) {
        return PageFrame.render("Primer4J: " + results.model(), PageFrame.SEALED,
                page -> new Sections(page, results, Summary.of(results)).draw(), "sort.js");
    }
}
