package org.primer4j.gpucheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Runs the stages and writes the report. Exit status 1 when one failed, 2 for bad usage. */
@CommandLine.Command(name = "gpu-check", mixinStandardHelpOptions = true, description = "Checks and measures Primer4J on an NVIDIA GPU.")
public final class GpuCheck implements Callable<Integer> {

    private static final double EAGER_GOAL = 4, BEST_GOAL = 1.5;

    static final List<Stage> STAGES = List.of(
        Stage.alone("build", 240, BuildStage::run),
        Stage.alone("doctor", 30, CorrectnessStages::doctor),
        Stage.beside("ops", 150, CorrectnessStages::ops),
        Stage.beside("goldens", 150, CorrectnessStages::goldens),
        Stage.beside("memcheck", 150, (setting, findings, limit) -> MemoryStages.sanitizer("memcheck", setting, findings, limit)),
        Stage.beside("racecheck", 150, (setting, findings, limit) -> MemoryStages.sanitizer("racecheck", setting, findings, limit)),
        Stage.alone("flatness", 60, MemoryStages::flatness),
        Stage.alone("ceilings", 60, SpeedStages::ceilings),
        Stage.alone("large", 60, SpeedStages::large),
        Stage.alone("lora", 40, SpeedStages::lora),
        Stage.alone("peer-eager", 90, (setting, findings, limit) -> SpeedStages.peer("eager", List.of(), EAGER_GOAL, setting, findings, limit)),
        Stage.alone("peer-compile", 120, (setting, findings, limit) -> SpeedStages.peer("compile", List.of("--compile"), BEST_GOAL, setting, findings, limit)),
        Stage.alone("peer-cudagraphs", 120, (setting, findings, limit) -> SpeedStages.peer("cudagraphs", List.of("--cudagraphs"), BEST_GOAL, setting, findings, limit)),
        Stage.alone("ncu", 60, SpeedStages::counters));

    @Option(names = "--root", required = true, hidden = true)
    private Path root;

    @Option(names = "--started-in", required = true, hidden = true)
    private Path startedIn;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Where gpu-check.json, gpu-check.md and logs.tar.gz go.")
    private Path out;

    @Option(names = "--emulated", description = "Rehearse over the emulation of CUDA: tiny shapes, no sanitizer, the peer on the CPU.")
    private boolean emulated;

    @Option(names = "--only", paramLabel = "STAGE", split = ",", description = "These stages alone; what an earlier call built is still there.")
    private List<String> only = List.of();

    @Option(names = "--budget", paramLabel = "SECONDS", defaultValue = "570", description = "Time for all stages (default: ${DEFAULT-VALUE}).")
    private int budget;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new GpuCheck()).setOverwrittenOptionsAllowed(true).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<String> names = STAGES.stream().map(Stage::name).toList();
        for (String name : only) {
            if (!names.contains(name)) {
                System.err.println("gpu-check: --only " + name + ": expected some of " + String.join(",", names));
                return 2;
            }
        }
        Path folder = startedIn.resolve(out), logs = Files.createTempDirectory(root, "logs");
        Files.createDirectories(folder);
        Setting setting = new Setting(root, logs, emulated, Files.readString(root.resolve("commit")).strip());
        List<StageResult> results = run(setting, STAGES.stream().filter(stage -> only.isEmpty() || only.contains(stage.name())).toList());
        Report report = new Report(facts(setting), emulated, results);
        report.write(folder);
        new Tool(logs, root, Map.of()).run("tar", Duration.ofMinutes(1), List.of("tar", "-czf", folder.resolve("logs.tar.gz").toString(), "."));
        report.goals().stream().filter(goal -> !emulated && !goal.met())
            .forEach(goal -> System.err.println("goal missed: " + goal.what() + ": " + MarkdownPage.number(goal.found()) + ", at least " + goal.least() + " is wanted"));
        System.err.println((report.passed() ? "all stages passed" : "some stages FAILED") + "; the report is " + folder.resolve("gpu-check.md"));
        return report.passed() ? 0 : 1;
    }

    // Stages that may stand beside each other run at the same time, on a machine with room for it.
    private List<StageResult> run(Setting setting, List<Stage> stages) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(budget).toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(emulated ? 1 : stages.size() + 1);
        Map<Integer, StageResult> results = new TreeMap<>();
        try {
            for (int first = 0; first < stages.size();) {
                int next = first + 1;
                while (next < stages.size() && !stages.get(first).alone() && !stages.get(next).alone()) {
                    next++;
                }
                List<Future<StageResult>> group = new ArrayList<>();
                for (Stage stage : stages.subList(first, next)) {
                    group.add(threads.submit(() -> say(stage.run(setting, Duration.ofNanos(end - System.nanoTime())))));
                }
                for (int i = first; i < next; i++) {
                    results.put(i, group.get(i - first).get());
                }
                first = next;
            }
        } finally {
            threads.shutdownNow();
        }
        return List.copyOf(results.values());
    }

    private static StageResult say(StageResult result) {
        System.err.printf("%-16s %-9s %6.1f s%n", result.name(), result.status().name().toLowerCase().replace('_', ' '), result.seconds());
        result.problems().forEach(problem -> System.err.println("  " + problem));
        return result;
    }

    private Map<String, String> facts(Setting setting) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("commit", setting.commit());
        facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("device", emulated ? "the emulation of CUDA" : fact(setting, "name") + ", " + fact(setting, "memory.total") + ", driver " + fact(setting, "driver_version"));
        facts.put("nvcc", emulated ? "none" : compiler(setting));
        facts.put("processor", Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse("unknown") + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        facts.put("java", System.getProperty("java.version") + ", " + System.getProperty("java.vendor"));
        return facts;
    }

    private static String fact(Setting setting, String field) {
        try {
            return BuildStage.query(setting, field);
        } catch (Exception e) {
            return "unknown " + field;
        }
    }

    private static String compiler(Setting setting) {
        try {
            return setting.tool().run("nvcc-version", Duration.ofSeconds(20), List.of("nvcc", "--version")).last();
        } catch (Exception e) {
            return "unknown";
        }
    }
}
