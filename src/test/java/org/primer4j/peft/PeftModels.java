package org.primer4j.peft;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.TensorData;

/** What methods add to models, for tests. */
final class PeftModels {

    private PeftModels() {}

    /** The parameters that are trained on a model. */
    static ParameterLayout layout(ModelConfig config, Adaptation method) {
        Graph graph = new Graph(1, DType.F32);
        Layers layers = new Layers(graph, method);
        if (config instanceof EncoderConfig encoder) {
            new Encoder(encoder).hidden(layers, TextInputs.declare(graph, encoder, method.promptLength(), 8, 2));
        } else {
            build(Seq2Seq.of(config.asSeq2Seq()), layers);
        }
        return new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER));
    }

    private static Value build(Seq2Seq model, Layers layers) {
        TextInputs source = TextInputs.source(layers, model.config(), 8, 2);
        TextInputs target = TextInputs.target(layers, model.config(), 8, source);
        Value hidden = model.decode(layers, model.encode(layers, source), source, target);
        return model.head(layers).logits(hidden);
    }

    /** An adapter of random numbers that fits a model. */
    static TrainedAdapter random(ModelConfig config, PeftMethod method, long seed) {
        Random random = new Random(seed);
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        for (ParameterLayout.Entry entry : layout(config, method).entries()) {
            float[] values = new float[entry.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            tensors.put(entry.name(), TensorData.of(TrainedAdapter.shape(entry), values));
        }
        return new TrainedAdapter(method, "base", tensors, Map.of());
    }
}
