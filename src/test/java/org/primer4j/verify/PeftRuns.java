package org.primer4j.verify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.graph.Leaf;
import org.primer4j.model.Adaptation;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.random.Philox;

/** The small golden models with any method on them. */
final class PeftRuns {

    static final Path MODELS = Path.of("src/test/resources/golden/models");

    private PeftRuns() {}

    /** A model's batch as a graph; token types are all 0, since the peft library drops them where there are virtual tokens. */
    static CaseGraph graph(String name, PretrainedFolder model, Adaptation method) {
        Path file = MODELS.resolve(name).resolve(ModelCase.GOLDEN);
        try (SafetensorsFile golden = SafetensorsFile.open(file)) {
            if (model.config() instanceof EncoderConfig encoder) {
                EncoderBatch read = EncoderBatch.read(file, golden, encoder);
                EncoderBatch untyped = new EncoderBatch(read.rows(), new int[read.types().length], read.objective(), read.labels(), read.similarities());
                return new EncoderGraph(encoder, method, untyped, 1);
            }
            return new Seq2SeqGraph(model.config().asSeq2Seq(), method, Seq2SeqBatch.read(file, golden, model.config().asSeq2Seq()));
        }
    }

    /** An adapter that changes much: random numbers, around 1 for factors. */
    static TrainedAdapter random(CaseGraph graph, PeftMethod method, Map<String, TensorData> model, long seed) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        for (ParameterLayout.Entry entry : new ParameterLayout(graph.graph().leaves(Leaf.Kind.PARAMETER)).entries()) {
            Philox random = new Philox(seed, entry.name());
            float[] values = model.containsKey(entry.name()) ? model.get(entry.name()).floats() : new float[entry.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) ((entry.name().endsWith(".ia3_l") ? 1 : 0) + 0.2 * random.nextGaussian());
            }
            boolean vector = model.containsKey(entry.name()) && model.get(entry.name()).shape().length == 1
                || entry.name().endsWith(".bias");
            tensors.put(entry.name(), TensorData.of(vector ? new long[] {entry.cols()} : new long[] {entry.rows(), entry.cols()}, values));
        }
        return new TrainedAdapter(method, "base", tensors, Map.of());
    }

    static CaseRun run(CaseGraph graph, Map<String, TensorData> model, Map<String, TensorData> added) {
        return CaseRun.of(graph, model, added, Device.cpu(1));
    }
}
