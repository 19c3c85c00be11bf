package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How fast the device is, with the floor beside each figure. */
final class SpeedStages {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MATMUL_GOAL = 0.45, ATTENTION_GOAL = 0.5, COPY_GOAL = 0.8;
    private static final List<String> ATTENTION = List.of("attention", "attention_backward");

    /** The setting that says who computes attention: docs/cuda-cudnn.md. */
    private static final String ATTENTION_BY = "PRIMER_CUDA_ATTENTION";

    private SpeedStages() {}

    static void ceilings(Setting setting, Findings findings, Duration limit) throws Exception {
        String script = setting.project().resolve("benchmarks/gpu/ceilings.py").toString();
        Tool.Ended ended = setting.tool().run("ceilings", limit, List.of(setting.pythonWithTorch(), script, setting.emulated() ? "cpu" : "cuda"));
        if (!ended.succeeded()) {
            throw new IllegalStateException(ended.problem());
        }
        JsonNode found = JSON.readTree(ended.last());
        Ceilings.keep(setting, ended.last());
        figure(findings, "copy", found.get("copy_bytes").asLong() + " bytes", "float32", "GB/s read and written", found.get("copy"));
        found.get("products").fields().forEachRemaining(product -> figure(findings, "matrix product", found.get("side").asInt() + " x " + found.get("side").asInt()
            + " x " + found.get("side").asInt(), product.getKey(), "TFLOP/s", product.getValue()));
    }

    private static void figure(Findings findings, String what, String shape, String dtype, String unit, JsonNode rates) {
        findings.figure(new Figure(what + " by PyTorch (a ceiling)", shape, dtype, unit, TrainRun.spread(rates, rates.get("count").asInt()), null, ""));
    }

    /** Full tuning with a large batch, op by op: how near to the machine's best the kernels are where size is no excuse. */
    static void large(Setting setting, Findings findings, Duration limit) throws Exception {
        TrainRun run = large("large", setting.tool(), dtype(setting), setting, limit);
        run.figures().forEach(findings::figure);
        goal(findings, "full tuning with a large batch, share of the measured matmul peak", run.shareOfPeak(), MATMUL_GOAL);
        goal(findings, "attention, forward and backward, share of the measured matmul peak", run.shareOfPeak(ATTENTION), ATTENTION_GOAL);
        goal(findings, "large ops without products, share of the measured copy bandwidth", run.shareOfCopy(), COPY_GOAL);
    }

    private static TrainRun large(String name, Tool tool, String dtype, Setting setting, Duration limit) throws Exception {
        return setting.emulated() ? profile(name, tool, dtype, setting, limit, "bart-tiny", "full", 1, "fixed:6/4", 1)
            : profile(name, tool, dtype, setting, limit, "bart-base", "full", 32, "fixed:512/128", 8);
    }

    /** cuDNN's attention: beside float64, then beside our own in the large step, shape by shape. */
    static void cudnn(Setting setting, Findings findings, Duration limit) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        Tool.Ended check = setting.tool(Map.of(ATTENTION_BY, "cudnn")).run("cudnn-check", limit,
            setting.java(List.of("-Xmx2g"), "org.primer4j.graph.ops.CudnnChoiceTest$Computed", List.of()));
        check.lines().forEach(findings::note);
        if (!check.succeeded()) {
            findings.problem(check.problem());
            return;
        }
        TrainRun run = large("cudnn-large", setting.tool(Map.of(ATTENTION_BY, "measured")), "bf16-base", setting, Duration.ofNanos(end - System.nanoTime()));
        run.choices().forEach(findings::note);
    }

    /** The step that is compared with the peer's, op by op. */
    static void lora(Setting setting, Findings findings, Duration limit) throws Exception {
        TrainRun run = setting.emulated() ? profile("lora", setting.tool(), dtype(setting), setting, limit, "bart-tiny", "lora", 1, "fixed:6/4", 1)
            : profile("lora", setting.tool(), dtype(setting), setting, limit, "bart-base", "lora", 8, lengths(setting), 20);
        run.figures().forEach(findings::figure);
    }

    private static void goal(Findings findings, String what, Double found, double least) {
        if (found == null) {
            findings.note(what + ": not known without the ceilings");
        } else {
            findings.goal(new Goal(what, found, least));
        }
    }

    private static String lengths(Setting setting) {
        return setting.peer().resolve("lengths/crossfit_like.txt").toString();
    }

    private static TrainRun profile(String name, Tool tool, String dtype, Setting setting, Duration limit, String model, String method, int batch,
                                    String lengths, int steps) throws Exception {
        List<String> command = setting.primer("bench", "train", "--model", model, "--method", method, "--batch", String.valueOf(batch), "--lengths", lengths,
            "--steps", String.valueOf(steps), "--warmup", "2", "--passes", "2", "--dtype", dtype, "--device", "cuda:0", "--profile");
        Tool.Ended ended = tool.run(name, limit, command);
        if (!ended.succeeded()) {
            throw new IllegalStateException(ended.problem());
        }
        return new TrainRun(JSON.readTree(ended.last()), steps, Ceilings.of(setting));
    }

    // Frozen weights and products as a user of a GPU has them.
    private static String dtype(Setting setting) {
        return setting.emulated() ? "fp32" : "bf16-base";
    }

    /**
     * Our training step and the peer's, one after the other, by benchmarks/compare.py.
     *
     * @param mode of the peer: eager, compile or cudagraphs
     * @param peerOptions that ask it for this mode
     */
    static void peer(String mode, List<String> peerOptions, double goal, Setting setting, Findings findings, Duration limit) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        boolean small = setting.emulated();
        if (!peerOptions.isEmpty()) {
            setting.needsGpu("to compile the peer for a CPU takes minutes");
        }
        String python = setting.pythonWithTorch(), ours = quoted(setting.primer("bench")), name = "peer-" + mode;
        Path rows = setting.logs().resolve(name + ".jsonl");
        String theirs = String.join(" ", peerOptions) + (small ? " --device cpu --dtype fp32 --passes 1" : " --device cuda --dtype bf16-autocast --passes 3");
        List<String> command = new ArrayList<>(List.of(python, "benchmarks/compare.py", "--pairs", "1", "--out", rows.toString(), "--commit", setting.commit(),
            "--ours", ours, "--peer", python + " " + setting.peer().resolve("bench_peft.py"), "--ours-options",
            "--device cuda:0 --dtype " + dtype(setting) + (small ? " --passes 1" : " --passes 3"), "--peer-options", theirs, "--"));
        command.addAll(small ? List.of("--model", "bart-tiny", "--method", "lora", "--batch", "1", "--lengths", "fixed:6/4", "--steps", "1", "--warmup", "1")
            : List.of("--model", "bart-base", "--method", "lora", "--batch", "8", "--lengths", lengths(setting), "--steps", "30", "--warmup", "5"));
        Tool.Ended ended = setting.tool().run(name, Duration.ofNanos(end - System.nanoTime()), command);
        if (!ended.succeeded()) {
            throw new IllegalStateException(ended.problem());
        }
        compared(mode, JSON.readTree(Files.readString(rows)), goal, findings);
    }

    private static String quoted(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }

    /** Figures of one row of compare.py. */
    static void compared(String mode, JsonNode row, double goal, Findings findings) {
        for (String side : List.of("ours", "peer")) {
            JsonNode printed = row.get(side);
            findings.figure(new Figure("training step, " + printed.get("model").asText() + " " + printed.get("method").asText() + ", "
                + (side.equals("peer") ? "PyTorch and PEFT, " + mode : side), "batch " + printed.get("batch").asInt() + ", " + printed.get("lengths").asText(),
                printed.get("dtype").asText(), "ms", TrainRun.spread(printed.get("step_ms"), 1), null, ""));
            if (!printed.get("loss_finite").asBoolean()) {
                findings.problem(side + ": a loss is not finite");
            }
        }
        findings.goal(new Goal("real tokens per second, ours over the peer's (" + mode + ")", row.get("ratio").asDouble(), goal));
    }

    /** What ncu says of one kernel of each kind. */
    static void counters(Setting setting, Findings findings, Duration limit) throws Exception {
        setting.needsGpu("ncu reads counters of GPUs alone");
        setting.needs("ncu");
        long end = System.nanoTime() + limit.toNanos();
        for (String kernel : List.of("attention", "lora", "norm")) {
            List<String> command = new ArrayList<>(List.of("ncu", "--clock-control", "none", "--target-processes", "all", "--kernel-name-base", "demangled",
                "--kernel-name", "regex:" + kernel, "--launch-skip", "8", "--launch-count", "1", "--section", "SpeedOfLight", "--section", "LaunchStats",
                "--section", "Occupancy"));
            command.addAll(setting.primer("bench", "train", "--model", "bart-base", "--method", "lora", "--batch", "32", "--lengths", "fixed:512/128", "--steps",
                "1", "--warmup", "1", "--dtype", dtype(setting), "--device", "cuda:0"));
            Tool.Ended ended = setting.tool().run("ncu-" + kernel, Duration.ofNanos(end - System.nanoTime()), command);
            List<String> said = ended.lines().stream().map(String::strip).filter(line -> line.matches("(.*\\(.*\\)x\\(.*|Duration|DRAM Throughput|Memory Throughput"
                + "|Compute \\(SM\\) Throughput|Registers Per Thread|Achieved Occupancy).*")).map(line -> line.replaceAll(" {2,}", " ")).toList();
            if (said.isEmpty()) {
                findings.problem(kernel + ": " + ended.problem());
            } else {
                findings.note(kernel + ": " + String.join("; ", said));
            }
        }
    }
}
