package org.primer4j.gpucheck;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the processes of {@link OpTests} printed, added up, as far as they came. */
final class OpResults {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Precisions that the tests have to have run in. */
    private static final List<String> PRECISIONS = List.of("F32", "TF32", "BF16");
    private static final List<String> COUNTS = List.of("graphs", "graphs_on_cuda");

    private final Map<String, Integer> sums = new TreeMap<>();
    private final Set<String> missing = new TreeSet<>();

    /** Adds a process's lines; of one that did not come to its end, {@code problem} says why. */
    void add(List<String> lines, String problem, Findings findings) {
        JsonNode classes = lines.isEmpty() ? null : read(lines.get(0)), last = null;
        int done = 0;
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            JsonNode found = read(line);
            if (found != null) {
                done++;
                last = found;
                String name = found.get("class").asText();
                sum("tests", found.get("tests").asInt());
                sum("left out", found.get("left_out").asInt());
                found.get("failures").forEach(failure -> findings.problem(name + ": " + failure.asText()));
                int unsaid = found.get("failed").asInt() - found.get("failures").size();
                if (unsaid > 0) {
                    findings.problem(name + ": " + unsaid + " failures more");
                }
            }
        }
        if (last != null) {
            JsonNode counts = last;
            COUNTS.forEach(name -> sum(name, counts.get(name).asInt()));
            last.get("programs_on_cuda").fields().forEachRemaining(programs -> sum(programs.getKey(), programs.getValue().asInt()));
            last.get("missing_on_cuda").forEach(op -> missing.add(op.asText()));
        }
        if (classes == null || done < classes.size()) {
            String where = classes == null ? "" : " in " + classes.get(done).asText() + ", " + (classes.size() - done - 1) + " classes before their turn";
            findings.problem((problem.isEmpty() ? "the tests ended early" : problem) + where);
        } else if (!problem.isEmpty()) {
            findings.problem(problem);
        }
    }

    private void sum(String name, int count) {
        sums.merge(name, count, Integer::sum);
    }

    // Null for a line that is none of ours, as one that was cut off.
    private static JsonNode read(String line) {
        try {
            JsonNode found = JSON.readTree(line);
            return found.isContainerNode() ? found : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private int of(String name) {
        return sums.getOrDefault(name, 0);
    }

    /** Says the sums, and what of the device they show not to have been tested. */
    void say(Findings findings) {
        findings.note(of("tests") + " tests, " + of("left out") + " left out; " + of("graphs_on_cuda") + " of " + of("graphs")
            + " graphs were also run on the CUDA device; programs there: " + PRECISIONS.stream().map(name -> of(name) + " " + name).toList());
        if (!missing.isEmpty()) {
            findings.problem("ops without a CUDA kernel, of which no graph was run there: " + String.join(", ", missing));
        }
        if (of("graphs_on_cuda") == 0) {
            findings.problem("no graph was run on the CUDA device");
        }
        PRECISIONS.stream().filter(name -> of(name) == 0).forEach(name -> findings.problem("no test's program computed in " + name + " on the CUDA device"));
    }
}
