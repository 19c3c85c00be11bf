package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Whether the device computes what it should. */
final class CorrectnessStages {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of graphs and ops; the CPU's instruction sets are no matter of the device. */
    private static final String OPS = "(?!.*InstructionSet).*Test";
    /** A rehearsal sees that tests run and are counted: these are short under the emulation, and have every precision among them. */
    private static final String FEW_OPS = ".*\\.(L2NormalizeTest|MatchScoresTest|CrossEntropyTest|Bf16ProductsTest)";
    private static final String FEW_GOLDENS = "models/bert*";
    /** JVMs of op tests at a time: most of their time is the CPU's, for the float64 references. */
    private static final int SHARDS = 8;
    /** Left out of the pack for its size. */
    private static final String NOT_PACKED = "model minilm";

    /** Golden files of models that the engine does not know, on whichever device. */
    private static final String NOT_SUPPORTED = " is not supported yet: ";

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
        // Threads that spin for each other are slow where other tests run beside them.
        Tool tool = setting.tool(Map.of("OMP_WAIT_POLICY", "passive"));
        List<Callable<Tool.Ended>> runs = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            List<String> arguments = List.of(setting.few() ? FEW_OPS : OPS, String.valueOf(shard), String.valueOf(shards));
            String name = "ops-" + shard;
            runs.add(() -> tool.run(name, limit, setting.java(List.of("-Xmx2g"), OpTests.class.getName(), arguments)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(shards);
        try {
            OpResults results = new OpResults();
            for (Future<Tool.Ended> run : threads.invokeAll(runs)) {
                Tool.Ended ended = run.get();
                results.add(ended.lines(), ended.succeeded() ? "" : ended.problem(), findings);
            }
            results.say(findings);
        } finally {
            threads.shutdownNow();
        }
    }

    /** All golden files. */
    static void goldens(Setting setting, Findings findings, Duration limit) throws Exception {
        List<String> command = setting.primer("verify", setting.golden().toString(), "--device", "cuda:0");
        if (setting.few()) {
            command.addAll(List.of("--only", FEW_GOLDENS));
        }
        Tool.Ended ended = setting.tool().run("goldens", limit, command);
        int passed = 0;
        List<String> notSupported = new ArrayList<>();
        List<String> lines = ended.lines();
        // Where the time was over, the last line may be half of one.
        for (String line : ended.outOfTime() && !lines.isEmpty() ? lines.subList(0, lines.size() - 1) : lines) {
            JsonNode tensor = JSON.readTree(line);
            if (tensor.get("passed").asBoolean()) {
                passed++;
            } else if (tensor.get("problem").asText().contains(NOT_SUPPORTED)) {
                notSupported.add(tensor.get("case").asText());
            } else {
                findings.problem(tensor.get("case").asText() + ": " + tensor.get("problem").asText());
            }
        }
        findings.note(passed + " tensors agree with the golden files");
        if (!notSupported.isEmpty()) {
            findings.note("of models that no device has: " + String.join(", ", notSupported));
        }
        if (passed == 0 || ended.outOfTime()) {
            findings.problem(ended.problem());
        }
    }
}
