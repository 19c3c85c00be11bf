package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.study.run.MicroStudy;
import org.primer4j.progress.Progress;

class ExperimentCommandTest {

    @TempDir
    static Path folder;
    private static Path file;

    @BeforeAll
    static void write() {
        file = MicroStudy.write(folder, MicroStudy.TEXT);
    }

    private static String refused(int status, Object... arguments) {
        Cli cli = Cli.run(Cli.join(new Object[] {"experiment"}, arguments));
        assertEquals(status, cli.status(), cli.err());
        assertEquals("", cli.out());
        assertEquals(1, cli.err().lines().count(), cli.err());
        return cli.err();
    }

    @Test
    void presetsAreNamed() {
        Cli cli = Cli.run("experiment", "--list");
        assertEquals(0, cli.status());
        assertTrue(cli.out().startsWith("smoke\t") && cli.out().contains("\nthesis-small\t") && cli.out().contains("\nthesis\t"), cli.out());
    }

    @Test
    void aDryRunPrintsThePlanAndWritesNothing() {
        Path out = folder.resolve("dry");
        Cli cli = Cli.run("experiment", file, "--out", out, "--dry-run");
        assertEquals(0, cli.status(), cli.err());
        assertTrue(cli.out().contains("primings\t3\n") && cli.out().contains("tuning_cells\t24\n") && cli.out().contains("runs\t32\n"), cli.out());
        assertFalse(Files.exists(out));
        assertTrue(cli.out().contains("finished_cells\t0\n"), cli.out());
        Cli smoke = Cli.run("experiment", "smoke", "--dry-run", "--json");
        assertTrue(smoke.out().startsWith("{\"experiment\":\"smoke\",\"train_tasks\":3,"), smoke.out() + smoke.err());
    }

    @Test
    void aDryRunCountsWhatIsFinished() {
        Path out = folder.resolve("finished");
        MicroStudy.run(file, out, Progress.silent());
        Cli cli = Cli.run("experiment", file, "--out", out, "--threads", 1, "--dry-run");
        assertTrue(cli.out().contains("finished_cells\t27\n"), cli.out() + cli.err());
        assertTrue(refused(2, file, "--out", out, "--threads", 1, "--seed", 4, "--dry-run").contains("seed 3, but this run has 4"));
    }

    @Test
    void badUsageIsOneSentence() {
        assertTrue(refused(2).contains("FILE.yaml|PRESET is missing"));
        assertTrue(refused(2, "smok", "--out", folder.resolve("x")).contains("there is no such file; expected an experiment's YAML file, or one of the presets smoke"));
        assertTrue(refused(2, file).contains("--out is missing"));
        assertTrue(refused(2, "thesis-small", "--out", folder.resolve("x")).contains("--gym is missing"));
        assertTrue(refused(2, file, "--out", folder.resolve("x"), "--threads", 0).contains("threads"));
        assertTrue(refused(2, file, "--out", file).contains("found a file"));
        assertTrue(refused(2, file, "--gym", folder.resolve("none"), "--out", folder.resolve("x")).contains("there is no such folder"));
    }

    @Test
    void whatIsRefusedLeavesNoFolder() {
        refused(2, file, "--out", folder.resolve("x"), "--threads", 0);
        assertFalse(Files.exists(folder.resolve("x")));
    }

    @Test
    void aFolderThatCannotBeWrittenIsOneSentence() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeTrue(!Files.isWritable(closed), "this user may write everywhere");
        assertTrue(refused(1, file, "--out", closed.resolve("out")).contains("cannot be written"));
    }
}
