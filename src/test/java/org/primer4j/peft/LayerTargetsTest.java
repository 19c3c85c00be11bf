package org.primer4j.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerTargetsTest {

    @ParameterizedTest
    @CsvSource({"query, encoder.layer.0.attention.self.query, true", "query, decoder.layers.1.encoder_attn.q_proj, true",
        "value, encoder.block.0.layer.0.SelfAttention.v, true", "value, encoder.block.0.layer.0.SelfAttention.q, false", "q, a.q_proj, false",
        "q_proj, a.query, false", "output.dense, encoder.layer.0.attention.output.dense, true", "put.dense, encoder.layer.0.output.dense, false",
        "query, query, true", "wi, encoder.block.0.layer.1.DenseReluDense.wi_0, false"})
    void namesMatchWholeParts(String target, String layer, boolean matches) {
        assertEquals(matches, LayerTargets.match(Set.of(target), layer));
    }

    @Test
    void namesAreTheModels() {
        List<String> bart = List.of("encoder.layers.0.self_attn.q_proj", "encoder.layers.0.self_attn.v_proj", "encoder.layers.0.fc1");
        assertEquals(Set.of("q_proj", "fc1"), LayerTargets.inModel(Set.of("query", "fc1"), bart));
        assertEquals(Set.of("wo"), LayerTargets.missing(Set.of("query", "wo"), bart));
    }
}
