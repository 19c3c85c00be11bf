package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;

/**
 * What is trained in a golden case.
 *
 * @param method how
 * @param added the values of the tensors that it adds to the model, by plain name
 */
record CaseMethod(PeftMethod method, Map<String, TensorData> added) {

    private static final String PEFT = "base_model.model.";
    static final String SETTINGS = "golden.json";
    private static final String ADAPTER = "adapter.safetensors";

    /** @throws BadInputException when the case's settings or tensors are missing or malformed */
    static CaseMethod read(GoldenCase at, PretrainedFolder model) {
        return switch (at.group()) {
            case "models" -> new CaseMethod(new FullTuning(true), Map.of());
            case "peft" -> {
                TrainedAdapter adapter = PeftFolder.read(at.path());
                yield new CaseMethod(adapter.method(), adapter.tensors());
            }
            default -> adapter(at, model);
        };
    }

    /** The case of the base model, as the settings of an adapter's case name it. */
    static String baseModel(GoldenCase at) {
        return settings(at, "base_model").asText();
    }

    /** The method of a case of the group adapters. */
    static String adapterMethod(GoldenCase at) {
        return settings(at, "method").asText();
    }

    private static JsonNode settings(GoldenCase at, String field) {
        Path file = at.path().resolve(SETTINGS);
        return JsonFiles.field(file, JsonFiles.read(file), field);
    }

    private static CaseMethod adapter(GoldenCase at, PretrainedFolder model) {
        String method = adapterMethod(at);
        if (method.equals("bitfit")) {
            return new CaseMethod(new BitFit(), Map.of());
        }
        int width = settings(at, "bottleneck").asInt();
        return new CaseMethod(switch (method) {
            case "houlsby" -> new BottleneckAdapter(width, BottleneckAdapter.Placement.HOULSBY);
            case "pfeiffer" -> new BottleneckAdapter(width, BottleneckAdapter.Placement.PFEIFFER);
            case "parallel" -> new ParallelAdapter(width, settings(at, "scale").asDouble());
            default -> throw new BadInputException(at.path().resolve(SETTINGS) + ": found the method " + method
                + "; expected houlsby, pfeiffer, parallel or bitfit.");
        }, added(at, model));
    }

    /** How many numbers are trained, as the settings of an adapter's case say. */
    static long trainable(GoldenCase at) {
        return settings(at, "trainable_parameters").asLong();
    }

    /** A name in a case's file without what peft and the model's class put before it. */
    static String plain(PretrainedFolder model, String name) {
        return model.plainName(name.startsWith(PEFT) ? name.substring(PEFT.length()) : name);
    }

    /** Gradients by the plain names of a case's file: peft holds all of a prefix or prompt in one table. */
    Map<String, float[]> named(GoldenCase at, PretrainedFolder model, Map<String, float[]> gradients) {
        if (!at.group().equals("peft")) {
            return gradients;
        }
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        gradients.forEach((name, values) -> tensors.put(name, TensorData.of(added.get(name).shape(), values)));
        Map<String, float[]> named = new LinkedHashMap<>();
        PeftFolder.pack(new TrainedAdapter(method, "", tensors, Map.of()), PeftTarget.of(model.config()))
            .forEach((name, tensor) -> named.put(plain(model, name), tensor.floats()));
        return named;
    }

    private static Map<String, TensorData> added(GoldenCase at, PretrainedFolder model) {
        Map<String, TensorData> added = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(at.path().resolve(ADAPTER))) {
            file.names().forEach(name -> added.put(model.plainName(name), file.tensor(name)));
        }
        return added;
    }
}
