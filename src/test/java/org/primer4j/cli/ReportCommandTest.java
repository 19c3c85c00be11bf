package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.SampleResults;
import org.primer4j.experiment.report.StudySample;
import org.primer4j.experiment.study.StudyFiles;
import org.primer4j.experiment.study.StudyManifest;

class ReportCommandTest {

    private static final StudyManifest MANIFEST = StudySample.manifest(List.of("mtl-plm"), List.of("lora"), List.of("a", "b"), List.of(1));

    @TempDir
    private Path folder;

    private void study(int runs) {
        StudySample sample = StudySample.of(MANIFEST, runs);
        StudyFiles.MANIFEST.write(folder.resolve("manifest.json"), MANIFEST);
        StudyFiles.COSTS.write(folder.resolve("costs.json"), sample.costs());
        StudyFiles.RESULTS.write(folder.resolve("results.json"), sample.results());
    }

    private static void refused(String said, Object... arguments) {
        Cli cli = Cli.run(arguments);
        assertEquals(ExitStatus.BAD_INPUT, cli.status(), cli.err());
        assertTrue(cli.err().contains(said), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }

    @Test
    void writesAStudysPage() throws Exception {
        study(4);
        Cli cli = Cli.run("report", folder);
        assertEquals(ExitStatus.DONE, cli.status(), cli.err());
        assertTrue(cli.err().contains("wrote " + folder.resolve("report.html")), cli.err());
        assertTrue(Files.readString(folder.resolve("report.html")).contains("mtl-plm"));
        assertTrue(cli.out().contains("mtl-plm"), cli.out());
        assertEquals(ExitStatus.DONE, Cli.run("report", folder, "--out", folder.resolve("other.html"), "--json").status());
        assertEquals(Files.readString(folder.resolve("report.html")), Files.readString(folder.resolve("other.html")));
    }

    @Test
    void writesATuningsPageWhereItIsAsked() throws Exception {
        ResultsFile.write(folder.resolve("results.json"), SampleResults.of(2, 1));
        Cli cli = Cli.run("report", folder, "--out", folder.resolve("other.html"));
        assertEquals(ExitStatus.DONE, cli.status(), cli.err());
        assertTrue(Files.exists(folder.resolve("other.html")));
        assertFalse(Files.exists(folder.resolve("report.html")));
    }

    @Test
    void refusesWhatDoesNotGoTogether() throws Exception {
        refused("--serve", "report", folder, "--serve");
        study(4);
        refused("--port", "report", folder, "--port", 8080);
        refused("--port", "report", folder, "--serve", "--port", 65_536);
        refused("--port", "report", folder, "--serve", "--port", -1);
        refused("--out", "report", folder, "--serve", "--out", folder.resolve("x.html"));
        Files.writeString(folder.resolve("results.json"), "{");
        refused("results.json", "report", folder);
        refused("results.json", "report", folder, "--serve");
    }

    @Test
    void refusesAPortThatIsTaken() throws Exception {
        study(4);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            refused("--port " + taken.getLocalPort(), "report", folder, "--serve", "--port", taken.getLocalPort());
        }
    }

    @Test
    void servesUntilItIsInterrupted() throws Exception {
        study(3);
        AtomicReference<Cli> ended = new AtomicReference<>();
        Thread command = new Thread(() -> ended.set(Cli.run("report", folder, "--serve")));
        command.start();
        while (command.isAlive() && command.getState() != Thread.State.WAITING) {
            Thread.sleep(20);
        }
        command.interrupt();
        command.join(20_000);
        assertEquals(ExitStatus.INTERRUPTED, ended.get().status(), ended.get().err());
        assertTrue(ended.get().err().contains("http://127.0.0.1:"), ended.get().err());
        assertFalse(Files.exists(folder.resolve("report.html")));
    }
}
