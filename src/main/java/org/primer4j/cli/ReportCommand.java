package org.primer4j.cli;

import java.nio.file.Path;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.report.HtmlReport;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Draws the report of a finished run again. */
@CommandLine.Command(name = "report", description = "Print the table of DIR/results.json and write DIR/report.html.")
final class ReportCommand extends Command {

    @Parameters(paramLabel = "DIR", description = "The --out folder of 'tune' or 'demo'.")
    private Path folder;

    @Override
    public Integer call() {
        Results results = ResultsFile.read(folder.resolve(TuneCommand.RESULTS));
        Path report = folder.resolve(TuneCommand.REPORT);
        HtmlReport.write(report, results);
        ResultsPrinter.print(results, console(), json);
        console().log("wrote " + report);
        return ExitStatus.DONE;
    }
}
