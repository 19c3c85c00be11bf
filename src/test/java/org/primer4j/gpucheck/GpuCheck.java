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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Runs the stages and writes the report. Exit status 1 when one failed, 2 for bad usage. */
@CommandLine.Command(name = "gpu-check", mixinStandardHelpOptions = true, description = "Checks and measures Primer4J on an NVIDIA GPU.")
public final class GpuCheck implements Callable<Integer> {

    private static final double EAGER_GOAL = 4, BEST_GOAL = 1.5;
    /** Seconds, for a rehearsal of everything. */
    private static final int NO_LIMIT = 7200;

    /** What is wanted most comes first: the time may end before they do. */
    static final List<Stage> STAGES = List.of(
        Stage.alone("build", 240, BuildStage::run),
        Stage.alone("instructions", 60, BuildStage::instructions),
        Stage.alone("doctor", 30, CorrectnessStages::doctor),
        Stage.beside("ops", 150, CorrectnessStages::ops),
        Stage.beside("goldens", 150, CorrectnessStages::goldens),
        Stage.alone("ceilings", 60, SpeedStages::ceilings),
        Stage.alone("lora", 40, SpeedStages::lora),
        Stage.alone("peer-eager", 90, (setting, findings, limit) -> SpeedStages.peer("eager", List.of(), EAGER_GOAL, setting, findings, limit)),
        Stage.alone("large", 60, SpeedStages::large),
        Stage.alone("cudnn", 60, SpeedStages::cudnn),
        Stage.alone("flatness", 60, MemoryStages::flatness),
        Stage.beside("memcheck", 120, (setting, findings, limit) -> MemoryStages.sanitizer("memcheck", setting, findings, limit)),
        Stage.beside("racecheck", 120, (setting, findings, limit) -> MemoryStages.sanitizer("racecheck", setting, findings, limit)),
        Stage.alone("peer-cudagraphs", 120, (setting, findings, limit) -> SpeedStages.peer("cudagraphs", List.of("--cudagraphs"), BEST_GOAL, setting, findings, limit)),
        Stage.alone("peer-compile", 120, (setting, findings, limit) -> SpeedStages.peer("compile", List.of("--compile"), BEST_GOAL, setting, findings, limit)),
        Stage.alone("ncu", 60, SpeedStages::counters));

    @Option(names = "--root", required = true, hidden = true)
    private Path root;

    @Option(names = "--started-in", required = true, hidden = true)
    private Path startedIn;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Where a folder named after the GPU goes, with gpu-check.json, gpu-check.md and logs.tar.gz.")
    private Path out;

    @Option(names = "--emulated", description = "Rehearse over the emulation of CUDA: tiny shapes, no sanitizer, the peer on the CPU.")
    private boolean emulated;

    @Option(names = "--whole", description = "All op tests and golden files in a rehearsal too, however long they take.")
    private boolean whole;

    @Option(names = "--only", paramLabel = "STAGE", split = ",", description = "These stages alone; what an earlier call built is still there.")
    private List<String> only = List.of();

    @Option(names = "--budget", paramLabel = "SECONDS", defaultValue = "550", description = "Time for all stages (default: ${DEFAULT-VALUE}).")
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
        Path logs = Files.createTempDirectory(root, "logs");
        Setting setting = new Setting(root, logs, emulated, emulated && !whole, Files.readString(root.resolve("commit")).strip());
        Path folder = startedIn.resolve(out).resolve(emulated ? "emulated" : folderOf(fact(setting, "name")));
        if (Files.exists(folder.resolve(Report.JSON_FILE))) {
            System.err.println("gpu-check: --out " + out + ": " + folder + " has the report of an earlier check; name another folder, or move it away");
            return 2;
        }
        Files.createDirectories(folder);
        Report report = run(setting, STAGES.stream().filter(stage -> only.isEmpty() || only.contains(stage.name())).toList(), folder);
        report.goals().stream().filter(goal -> !emulated && !goal.met())
            .forEach(goal -> System.err.println("goal missed: " + goal.what() + ": " + MarkdownPage.number(goal.found()) + ", at least " + goal.least() + " is wanted"));
        String failed = report.stages().stream().filter(stage -> stage.status() == StageResult.Status.FAILED).map(StageResult::name).collect(Collectors.joining(", "));
        System.err.println((report.passed() ? "no stage failed" : "FAILED: " + failed) + "; the report is " + folder.resolve("gpu-check.md"));
        return report.passed() ? 0 : 1;
    }

    /** The short name that people have for a GPU: h100 for NVIDIA H100 80GB HBM3. */
    static String folderOf(String gpu) {
        Matcher model = Pattern.compile("\\b[a-z]+\\d+[a-z]*").matcher(gpu.toLowerCase(Locale.ROOT));
        return model.find() ? model.group() : gpu.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    // Stages that may stand beside each other run at the same time, on a machine with room for it. What is known is written after each of them.
    private Report run(Setting setting, List<Stage> stages, Path folder) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(whole ? NO_LIMIT : budget).toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(emulated ? 1 : stages.size() + 1);
        Map<String, String> facts = facts(setting);
        List<StageResult> results = new ArrayList<>(stages.stream().map(StageResult::notRun).toList());
        Report report = written(setting, facts, results, folder);
        try {
            for (int first = 0; first < stages.size();) {
                int next = first + 1;
                while (next < stages.size() && !stages.get(first).alone() && !stages.get(next).alone()) {
                    next++;
                }
                List<Future<StageResult>> group = new ArrayList<>();
                for (Stage stage : stages.subList(first, next)) {
                    Stage limited = whole ? stage.within(Duration.ofSeconds(NO_LIMIT)) : stage;
                    group.add(threads.submit(() -> say(limited.run(setting, Duration.ofNanos(end - System.nanoTime())))));
                }
                for (int i = first; i < next; i++) {
                    results.set(i, group.get(i - first).get());
                    report = written(setting, facts, results, folder);
                }
                first = next;
            }
        } finally {
            threads.shutdownNow();
        }
        return report;
    }

    private Report written(Setting setting, Map<String, String> facts, List<StageResult> results, Path folder) throws Exception {
        Report report = new Report(facts, emulated, List.copyOf(results));
        report.write(folder);
        setting.tool().run("tar", Duration.ofMinutes(1), List.of("tar", "-C", setting.logs().toString(), "-czf", folder.resolve("logs.tar.gz").toString(), "."));
        return report;
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
