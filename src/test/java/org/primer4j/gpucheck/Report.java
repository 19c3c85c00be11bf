package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that was found.
 *
 * @param facts what was checked, where and when, in the order of the page
 */
record Report(Map<String, String> facts, boolean emulated, List<StageResult> stages) {

    static final String JSON_FILE = "gpu-check.json";

    boolean passed() {
        return stages.stream().allMatch(stage -> stage.status() == StageResult.Status.PASSED || stage.status() == StageResult.Status.LEFT_OUT);
    }

    List<Goal> goals() {
        return stages.stream().flatMap(stage -> stage.goals().stream()).toList();
    }

    /** Writes gpu-check.json and gpu-check.md. */
    void write(Path folder) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("facts", facts);
        all.put("emulated", emulated);
        all.put("passed", passed());
        all.put("stages", stages.stream().map(Report::json).toList());
        put(folder.resolve(JSON_FILE), new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all));
        put(folder.resolve("gpu-check.md"), new MarkdownPage(this).text());
    }

    // Whole or as it was: the check may be killed while it writes.
    private static void put(Path file, String text) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(whole, text);
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Map<String, Object> json(StageResult stage) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", stage.name());
        fields.put("status", stage.status());
        fields.put("seconds", stage.seconds());
        fields.put("limit", stage.limit());
        fields.put("problems", stage.problems());
        fields.put("notes", stage.notes());
        fields.put("figures", stage.figures().stream().map(Report::json).toList());
        fields.put("goals", stage.goals().stream().map(goal -> Map.of("what", goal.what(), "found", goal.found(), "least", goal.least(), "met", goal.met())).toList());
        return fields;
    }

    private static Map<String, Object> json(Figure figure) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("what", figure.what());
        fields.put("shape", figure.shape());
        fields.put("dtype", figure.dtype());
        fields.put("unit", figure.unit());
        fields.put("median", figure.spread().median());
        fields.put("min", figure.spread().min());
        fields.put("max", figure.spread().max());
        fields.put("count", figure.spread().count());
        fields.put("floor", figure.floor());
        fields.put("floor_from", figure.floorFrom());
        fields.put("share", figure.share());
        return fields;
    }
}
