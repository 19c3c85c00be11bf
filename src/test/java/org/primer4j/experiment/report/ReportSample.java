package org.primer4j.experiment.report;

import java.nio.file.Path;
import org.primer4j.experiment.SampleResults;

/** Writes a report of made-up results, to be looked at: arguments are the file, tasks and samples. */
public final class ReportSample {

    private ReportSample() {
    }

    public static void main(String[] arguments) {
        HtmlReport.write(Path.of(arguments[0]),
                SampleResults.of(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])));
    }
}
