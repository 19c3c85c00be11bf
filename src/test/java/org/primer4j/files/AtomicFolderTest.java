package org.primer4j.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {

    @TempDir
    Path folder;

    /** Writes half a folder, says so, and waits to be ended. */
    static final class HalfWriter {
        public static void main(String[] arguments) {
            AtomicFolder.write(Path.of(arguments[0]), half -> AtomicFile.writeSynced(half.resolve("weights"), channel -> {
                AtomicFile.writeFully(channel, ByteBuffer.allocate(100));
                System.out.println("half");
                sleep();
            }));
        }

        private static void sleep() throws IOException {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    @Test
    void endingTheProgramWhileItWritesLeavesNothing() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(), "-cp", System.getProperty("java.class.path"), HalfWriter.class.getName(),
                folder.resolve("model").toString()).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            assertEquals("half", output.readLine());
            assertEquals(1, list().size());
            process.destroy();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(List.of(), list());
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
