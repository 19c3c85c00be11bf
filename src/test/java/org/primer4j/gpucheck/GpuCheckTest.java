package org.primer4j.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What gpu-check refuses before it begins: with status 2, and nothing written. */
class GpuCheckTest {

    @TempDir
    private Path root;

    private int run(String... options) throws IOException {
        Files.writeString(root.resolve("commit"), "0000000\n");
        CommandLine command = new CommandLine(new GpuCheck());
        String[] all = new String[options.length + 4];
        System.arraycopy(new String[] {"--root", root.toString(), "--started-in", root.toString()}, 0, all, 0, 4);
        System.arraycopy(options, 0, all, 4, options.length);
        return command.execute(all);
    }

    @Test
    void anEarlierReportIsKept() throws IOException {
        Path report = Files.createDirectories(root.resolve("out/emulated")).resolve("gpu-check.json");
        Files.writeString(report, "an hour's work");
        assertEquals(2, run("--emulated", "--only", "doctor", "--out", "out"));
        assertEquals("an hour's work", Files.readString(report));
    }

    @Test
    void anUnknownStageIsRefused() throws IOException {
        assertEquals(2, run("--emulated", "--only", "doctors", "--out", "out"));
        assertEquals(false, Files.exists(root.resolve("out")));
    }
}
