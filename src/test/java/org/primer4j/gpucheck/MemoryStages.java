package org.primer4j.gpucheck;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Whether the device's memory is used as it should be. */
final class MemoryStages {

    /** Exit status of a sanitizer that found something. */
    private static final int FOUND = 86;
    private static final List<String> METHODS = List.of("lora", "adapter", "prefix", "full");
    private static final int STEPS = 2000;
    private static final int REHEARSED_STEPS = 24;
    /** The driver's own bookkeeping comes and goes; a leak of one block a step would be far more. */
    private static final long MOST_RESIDENT_KIB = 8 << 10;

    private MemoryStages() {}

    /** A tool of compute-sanitizer over a few training steps of tiny models, of every method. */
    static void sanitizer(String tool, Setting setting, Findings findings, Duration limit) throws Exception {
        setting.needsGpu("compute-sanitizer watches GPUs alone; mvn test -Psanitize has AddressSanitizer watch the emulation");
        long end = System.nanoTime() + limit.toNanos();
        for (String method : METHODS) {
            List<String> command = new ArrayList<>(List.of("compute-sanitizer", "--tool", tool, "--target-processes", "all", "--error-exitcode",
                String.valueOf(FOUND), "--print-limit", "20"));
            command.addAll(setting.primer("bench", "train", "--model", "bart-tiny", "--method", method, "--batch", "3", "--steps", "2", "--warmup", "1",
                "--lengths", "fixed:37/11", "--dropout", "0.1", "--device", "cuda:0"));
            Tool.Ended ended = setting.tool().run(tool + "-" + method, Duration.ofNanos(end - System.nanoTime()), command);
            String summary = summary(ended);
            if (ended.succeeded() && summary.contains(": 0 ")) {
                findings.note(method + ": " + summary);
            } else {
                findings.problem(method + ": " + (summary.isEmpty() ? ended.problem() : summary + " (" + ended.name() + ".out)"));
            }
        }
    }

    // "========= ERROR SUMMARY: 0 errors", or for races "========= RACECHECK SUMMARY: 0 hazards displayed ...".
    private static String summary(Tool.Ended ended) throws Exception {
        List<String> lines = new ArrayList<>(Files.readAllLines(ended.out()));
        lines.addAll(Files.readAllLines(ended.err()));
        return lines.stream().filter(line -> line.contains("SUMMARY:")).map(line -> line.substring(line.indexOf("=") + 10).strip()).reduce((a, b) -> b).orElse("");
    }

    /** Training steps over batches of changing lengths: the device's free memory stays as it was, the host's nearly. */
    static void flatness(Setting setting, Findings findings, Duration limit) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        int steps = setting.emulated() ? REHEARSED_STEPS : STEPS;
        for (String kind : List.of("encoder", "seq2seq")) {
            List<String> options = List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1");
            Tool.Ended ended = setting.tool().run("flatness-" + kind, Duration.ofNanos(end - System.nanoTime()), setting.java(options, "org.primer4j.training.LongRunTest",
                List.of(kind, "cuda", String.valueOf(steps))));
            if (!ended.succeeded()) {
                findings.problem(ended.problem());
                continue;
            }
            String[] grown = ended.last().split(" ");
            long resident = Long.parseLong(grown[0]), device = Long.parseLong(grown[2]);
            String text = kind + ", " + steps + " steps: resident memory grew by " + resident + " KiB, the device's free memory shrank by " + device
                + " bytes, a step allocated " + grown[1] + " bytes of Java objects";
            if (resident > MOST_RESIDENT_KIB || device > 0) {
                findings.problem(text);
            } else {
                findings.note(text);
            }
        }
    }
}
