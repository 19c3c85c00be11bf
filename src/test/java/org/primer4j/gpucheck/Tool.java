package org.primer4j.gpucheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs programs within a time limit; what they print stays in files.
 *
 * @param folder where they run
 * @param logs for NAME.out and NAME.err
 * @param environment beside the process's own
 */
record Tool(Path folder, Path logs, Map<String, String> environment) {

    private static final int SHOWN = 12;

    /** How a program ended; {@code status} is 0 when it succeeded. */
    record Ended(String name, int status, boolean outOfTime, Path out, Path err) {

        boolean succeeded() {
            return status == 0 && !outOfTime;
        }

        List<String> lines() throws IOException {
            return Files.readAllLines(out);
        }

        /** The last line, where a program of ours or the peer's puts its JSON. */
        String last() throws IOException {
            List<String> lines = lines().stream().filter(line -> !line.isBlank()).toList();
            return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        }

        /** Why it failed: its last words. */
        String problem() throws IOException {
            List<String> words = Files.readAllLines(Files.size(err) > 0 ? err : out);
            String end = words.subList(Math.max(0, words.size() - SHOWN), words.size()).stream().collect(Collectors.joining(" / "));
            return name + (outOfTime ? " ran out of time" : " ended with " + status) + (end.isBlank() ? "" : ": " + end);
        }
    }

    /** Runs a program; past the limit it is ended, with all that it started. */
    Ended run(String name, Duration limit, List<String> command) throws IOException, InterruptedException {
        Path out = logs.resolve(name + ".out"), err = logs.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            Files.writeString(err, e.getMessage());
            return new Ended(name, -1, false, out, err);
        }
        boolean ended;
        try {
            ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            end(process);
            throw e;
        }
        if (!ended) {
            end(process);
        }
        return new Ended(name, process.waitFor(), !ended, out, err);
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
