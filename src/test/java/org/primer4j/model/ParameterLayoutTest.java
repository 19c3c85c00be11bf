package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;

class ParameterLayoutTest {

    @ParameterizedTest
    @CsvSource({"encoder.layers.0.fc1.weight, true", "encoder.layers.0.fc1.bias, false", "final_logits_bias, false",
        "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight, false", "encoder.layers.0.self_attn_layer_norm.weight, false",
        "encoder.block.0.layer.0.layer_norm.weight, false", "embeddings.LayerNorm.weight, false", "encoder.layers.0.fc1.lora_A.weight, true"})
    void biasesAndNormsDoNotDecay(String name, boolean decays) {
        ParameterLayout layout = new ParameterLayout(List.of(new Graph(1, DType.F32).parameter(name, 2, 3)));
        assertEquals(decays ? layout.size() : 0, layout.decayed());
    }

    @Test
    void whatDecaysComesFirst() {
        Graph graph = new Graph(1, DType.F32);
        ParameterLayout layout = new ParameterLayout(List.of(graph.parameter("a.bias", 1, 3), graph.parameter("a.weight", 5, 7)));
        assertEquals(0, layout.entry("a.weight").offset());
        assertEquals(layout.decayed(), layout.entry("a.bias").offset());
    }
}
