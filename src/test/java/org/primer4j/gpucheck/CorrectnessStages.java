package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Whether the device computes what it should. */
final class CorrectnessStages {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of graphs and ops; the CPU's instruction sets are no matter of the device. */
    private static final String OPS = "(?!.*InstructionSet).*Test";
    /** A rehearsal sees that tests run and are counted: these are short under the emulation. */
    private static final String FEW_OPS = ".*\\.(L2NormalizeTest|MatchScoresTest|CrossEntropyTest)";
    private static final String FEW_GOLDENS = "models/bert*";
    /** JVMs of op tests at a time: most of their time is the CPU's, for the float64 references. */
    private static final int SHARDS = 8;
    /** Left out of the pack for its size. */
    private static final String NOT_PACKED = "model minilm";

    private CorrectnessStages() {}

    /** What the machine and the engine say of themselves. */
    static void doctor(Setting setting, Findings findings, Duration limit) throws Exception {
        Tool.Ended ended = setting.tool().run("doctor", limit, setting.primer("doctor", "--device", "cuda:0", "--json"));
        if (ended.last().isEmpty()) {
            throw new IllegalStateException(ended.problem());
        }
        JSON.readTree(ended.last()).fields().forEachRemaining(finding -> {
            String text = finding.getKey() + ": " + finding.getValue().asText();
            if (finding.getValue().asText().startsWith("FAILED") && !finding.getKey().equals(NOT_PACKED)) {
                findings.problem(text);
            } else {
                findings.note(text);
            }
        });
    }

    /** Every op on the device, on the CPU and in float64, by the project's own tests. */
    static void ops(Setting setting, Findings findings, Duration limit) throws Exception {
        int shards = setting.emulated() ? 1 : SHARDS;
        List<Callable<Tool.Ended>> runs = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            List<String> arguments = List.of(setting.emulated() ? FEW_OPS : OPS, String.valueOf(shard), String.valueOf(shards));
            String name = "ops-" + shard;
            runs.add(() -> setting.tool().run(name, limit, setting.java(List.of("-Xmx2g"), OpTests.class.getName(), arguments)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(shards);
        try {
            count(threads.invokeAll(runs), findings);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void count(List<Future<Tool.Ended>> runs, Findings findings) throws Exception {
        int tests = 0, graphs = 0, onCuda = 0;
        Set<String> missing = new TreeSet<>();
        for (Future<Tool.Ended> run : runs) {
            Tool.Ended ended = run.get();
            if (!ended.succeeded()) {
                findings.problem(ended.problem());
                continue;
            }
            JsonNode found = JSON.readTree(ended.last());
            tests += found.get("tests").asInt();
            graphs += found.get("graphs").asInt();
            onCuda += found.get("graphs_on_cuda").asInt();
            found.get("missing_on_cuda").forEach(op -> missing.add(op.asText()));
            found.get("failures").forEach(failure -> findings.problem(failure.asText()));
        }
        findings.note(tests + " tests; " + onCuda + " of " + graphs + " graphs were also run on the CUDA device");
        if (!missing.isEmpty()) {
            findings.problem("ops without a CUDA kernel, of which no graph was run there: " + String.join(", ", missing));
        }
        if (onCuda == 0) {
            findings.problem("no graph was run on the CUDA device");
        }
    }

    /** All golden files. */
    static void goldens(Setting setting, Findings findings, Duration limit) throws Exception {
        List<String> command = setting.primer("verify", setting.golden().toString(), "--device", "cuda:0");
        if (setting.emulated()) {
            command.addAll(List.of("--only", FEW_GOLDENS));
        }
        Tool.Ended ended = setting.tool().run("goldens", limit, command);
        int passed = 0;
        for (String line : ended.lines()) {
            JsonNode tensor = JSON.readTree(line);
            if (tensor.get("passed").asBoolean()) {
                passed++;
            } else {
                findings.problem(tensor.get("case").asText() + ": " + tensor.get("problem").asText());
            }
        }
        findings.note(passed + " tensors agree with the golden files");
        if (!ended.succeeded() && (passed == 0 || ended.outOfTime())) {
            findings.problem(ended.problem());
        }
    }
}
