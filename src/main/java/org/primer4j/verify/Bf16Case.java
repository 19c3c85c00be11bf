package org.primer4j.verify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.Seq2SeqConfig;

/**
 * BART with LoRA and frozen weights in bf16. The file holds what PyTorch computed in float64 and in bf16: the engine's error against
 * the former may be three times the latter's, in each tensor and in all gradients together.
 */
record Bf16Case(GoldenCase at, Device device) implements GoldenCase.Check {

    private static final double ROOM = 3;
    private static final String EXACT = "fp64.";
    private static final String ROUNDED = "bf16.";
    private static final String GRADIENT = "d_";
    private static final String ADAPTER = "peft/bart_lora_qv";

    @Override
    public void run(Consumer<CaseResult> results) {
        GoldenCase adapter = new GoldenCase(at.root(), ADAPTER);
        Path file = at.root().resolve(fileName());
        try (PretrainedFolder model = PretrainedFolder.read(at.root().resolve(CaseMethod.baseModel(adapter)));
                SafetensorsFile golden = SafetensorsFile.open(file)) {
            CaseMethod trained = CaseMethod.read(adapter, model);
            Seq2SeqConfig config = model.config().asSeq2Seq();
            CaseGraph graph = new Seq2SeqGraph(config, trained.method(), Seq2SeqBatch.read(file, golden, config));
            CaseRun run = CaseRun.of(graph, model.weights(), trained.added(), device.withWeights(WeightType.BF16));
            results.accept(compare(golden, "loss", run.outputs().get("loss"), 0));
            results.accept(compare(golden, "logits", run.outputs().get("logits"), 0));
            results.accept(compare(golden, "hidden", run.outputs().get("decoder_hidden_" + config.decoderLayers()), 0));
            compare(golden, gradients(golden, model, trained.named(adapter, model, run.gradients())), results);
        }
    }

    private String fileName() {
        return at.name() + ".safetensors";
    }

    /** The engine's gradients by the file's names without {@code fp64.}. */
    private Map<String, float[]> gradients(SafetensorsFile golden, PretrainedFolder model, Map<String, float[]> computed) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        golden.names().stream().filter(name -> name.startsWith(EXACT + GRADIENT)).map(name -> name.substring(EXACT.length())).sorted()
            .forEach(name -> gradients.put(name, computed.get(CaseMethod.plain(model, name.substring(GRADIENT.length())))));
        if (gradients.size() != computed.size() || gradients.containsValue(null)) {
            throw new BadInputException(fileName() + ": found the gradients " + gradients.keySet() + "; expected those of " + computed.keySet() + ".");
        }
        return gradients;
    }

    private void compare(SafetensorsFile golden, Map<String, float[]> gradients, Consumer<CaseResult> results) {
        double floor = Comparison.floor(gradients.keySet().stream().map(name -> golden.doubles(EXACT + name)).toList());
        gradients.forEach((name, actual) -> results.accept(compare(golden, name, actual, floor)));
        double[] actual = joined(gradients.values().stream().map(Bf16Case::doubles).toList());
        double[] exact = joined(gradients.keySet().stream().map(name -> golden.doubles(EXACT + name)).toList());
        double[] rounded = joined(gradients.keySet().stream().map(name -> golden.doubles(ROUNDED + name)).toList());
        results.accept(result("all gradients", actual, exact, rounded, 0));
    }

    private CaseResult compare(SafetensorsFile golden, String name, float[] actual, double floor) {
        return result(name, doubles(actual), golden.doubles(EXACT + name), golden.doubles(ROUNDED + name), floor);
    }

    private CaseResult result(String name, double[] actual, double[] exact, double[] rounded, double floor) {
        return CaseResult.compared(fileName(), at.name(), name, Comparison.error(actual, exact, floor), ROOM * Comparison.error(rounded, exact, floor));
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static double[] joined(List<double[]> parts) {
        return parts.stream().flatMapToDouble(DoubleStream::of).toArray();
    }
}
