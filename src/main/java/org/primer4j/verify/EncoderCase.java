package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.TrainedAdapter;

/** A case of an encoder: all its tensors trained (group models), or one method's (groups peft and adapters). */
record EncoderCase(GoldenCase at, Device device) implements GoldenCase.Check {

    static final String GOLDEN = "golden.safetensors";
    private static final String SETTINGS = "golden.json";
    private static final String ADAPTER = "adapter.safetensors";

    /** What is trained in a case: the method, and the start values of the tensors it added. */
    private record Trained(PeftMethod method, Map<String, TensorData> added) {}

    @Override
    public void run(Consumer<CaseResult> results) {
        Path base = at.group().equals("models") ? at.path() : at.root().resolve(baseModel(at));
        try (PretrainedFolder model = PretrainedFolder.read(base);
                SafetensorsFile golden = SafetensorsFile.open(at.path().resolve(GOLDEN))) {
            EncoderBatch batch = EncoderBatch.read(at.path().resolve(GOLDEN), golden, model.config().asEncoder());
            Trained trained = trained(model);
            EncoderRun run = EncoderRun.of(model, trained.method(), trained.added(), batch, device);
            new EncoderResults(at, golden, model, batch, run).report(results);
        }
    }

    /** The case of the base model, as the settings of an adapter's case name it. */
    static String baseModel(GoldenCase at) {
        Path file = at.path().resolve(SETTINGS);
        return JsonFiles.field(file, JsonFiles.read(file), "base_model").asText();
    }

    /** The method of a case of the group adapters. */
    static String adapterMethod(GoldenCase at) {
        Path file = at.path().resolve(SETTINGS);
        return JsonFiles.field(file, JsonFiles.read(file), "method").asText();
    }

    private Trained trained(PretrainedFolder model) {
        return switch (at.group()) {
            case "models" -> new Trained(new FullTuning(true), Map.of());
            case "peft" -> {
                TrainedAdapter adapter = PeftFolder.read(at.path());
                yield new Trained(adapter.method(), adapter.tensors());
            }
            default -> adapter(model);
        };
    }

    private Trained adapter(PretrainedFolder model) {
        Path file = at.path().resolve(SETTINGS);
        JsonNode settings = JsonFiles.read(file);
        String method = adapterMethod(at);
        if (method.equals("bitfit")) {
            return new Trained(new BitFit(), Map.of());
        }
        BottleneckAdapter.Placement placement = switch (method) {
            case "houlsby" -> BottleneckAdapter.Placement.HOULSBY;
            case "pfeiffer" -> BottleneckAdapter.Placement.PFEIFFER;
            default -> throw new BadInputException(file + ": found the method " + method + "; expected houlsby, pfeiffer or bitfit.");
        };
        int width = JsonFiles.field(file, settings, "bottleneck").asInt();
        return new Trained(new BottleneckAdapter(width, placement), added(model));
    }

    private Map<String, TensorData> added(PretrainedFolder model) {
        Map<String, TensorData> added = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(at.path().resolve(ADAPTER))) {
            file.names().forEach(name -> added.put(model.plainName(name), file.tensor(name)));
        }
        return added;
    }
}
