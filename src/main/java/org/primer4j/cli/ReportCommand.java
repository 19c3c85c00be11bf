package org.primer4j.cli;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.report.HtmlReport;
import org.primer4j.experiment.report.StudyReport;
import org.primer4j.experiment.report.StudySnapshot;
import org.primer4j.experiment.report.live.ReportServer;
import org.primer4j.experiment.study.StudySummary;
import org.primer4j.experiment.study.StudyTable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws the report of a tuning or a study again, or follows a study that runs. */
@CommandLine.Command(name = "report", description = {"Write the report of DIR as one HTML page.",
    "Of a study that runs it shows what is done; with --serve the page follows."})
final class ReportCommand extends Command {

    private static final int GREATEST_PORT = 65_535;

    @Parameters(paramLabel = "DIR", description = "The --out folder of 'experiment', 'tune' or 'demo'.")
    private Path folder;

    @Option(names = "--out", paramLabel = "FILE", description = "The page (default: DIR/report.html).")
    private Path out;

    @Option(names = "--serve", description = "Show a study's page to this machine's browsers, up to date, until Ctrl-C; write nothing.")
    private boolean serve;

    @Option(names = "--port", paramLabel = "N", description = "Port of --serve (default: any that is free).")
    private Integer port;

    @Override
    public Integer call() {
        Valid.require(port == null || serve, "--port", port, "--serve with it");
        Valid.require(port == null || port >= 0 && port <= GREATEST_PORT, "--port", port, "0 to " + GREATEST_PORT);
        Valid.require(!serve || out == null, "--out", out, "it without --serve, which writes nothing");
        boolean study = StudySnapshot.isStudy(folder);
        Valid.require(!serve || study, "DIR", folder, "the folder of an experiment with --serve");
        if (serve) {
            serve();
        } else if (study) {
            writeStudy();
        } else {
            writeTuning();
        }
        return ExitStatus.DONE;
    }

    private void writeTuning() {
        Results results = ResultsFile.read(folder.resolve(TuneCommand.RESULTS));
        HtmlReport.write(page(), results);
        ResultsPrinter.print(results, console(), json);
        console().log("wrote " + page());
    }

    private void writeStudy() {
        StudySnapshot study = StudySnapshot.read(folder);
        StudySummary summary = StudySummary.of(study.results());
        StudyReport.write(page(), study.results(), summary, study.costs());
        new StudyPrinter(console(), json).results(study.results(), () -> StudyTable.text(summary));
        console().log("wrote " + page());
    }

    private Path page() {
        return out == null ? folder.resolve(TuneCommand.REPORT) : out;
    }

    private void serve() {
        try (ReportServer server = new ReportServer(port == null ? 0 : port, () -> StudySnapshot.read(folder))) {
            console().log("the report of " + folder + " is at " + server.uri() + " until Ctrl-C");
            new CountDownLatch(1).await();
        } catch (InterruptedException stopped) {
            throw new CancellationException();
        }
    }
}
