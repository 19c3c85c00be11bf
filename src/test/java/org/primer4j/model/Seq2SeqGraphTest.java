package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Dropout;
import org.primer4j.graph.ops.Linear;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.T5Config;
import org.primer4j.peft.Lora;

/** What the models record: which tensors, where dropout, which hooks. */
class Seq2SeqGraphTest {

    private static final EncoderConfig BERT = new EncoderConfig("bert", 17, 12, 1, 3, 5, 30, 1, 1e-5, "gelu", 1, 0, 0);

    private static Seq2SeqConfig config(String name) {
        BartConfig.Stack encoder = new BartConfig.Stack(2, 3, 20), decoder = new BartConfig.Stack(3, 2, 9);
        return switch (name) {
            case "bart" -> new BartConfig(13, 12, encoder, decoder, 10, "gelu", false, 1, 0, 2, 2, 0, 2, 0.1, 0, 0);
            case "bart_activation" -> new BartConfig(13, 12, encoder, decoder, 10, "gelu", false, 1, 0, 2, 2, 0, 2, 0.1, 0.3, 0);
            case "t5" -> new T5Config("t5", 13, 12, 5, 3, 20, 2, 3, 8, 12, 1e-6, "relu", false, true, 0, 1, 0, 0.1);
            default -> new T5Config("t5", 13, 12, 5, 3, 20, 2, 3, 8, 12, 1e-6, "gated-gelu", true, false, 0, 1, 0, 0.1);
        };
    }

    private static Graph graph(Seq2SeqConfig config, Adaptation adaptation, double dropout) {
        Graph graph = new Graph(1, DType.F32);
        return build(graph, Layers.forTraining(graph, adaptation, dropout), config);
    }

    private static Graph build(Graph graph, Layers l, Seq2SeqConfig config) {
        Seq2Seq model = Seq2Seq.of(config);
        TextInputs source = TextInputs.source(l, config, 20, 3), target = TextInputs.target(l, config, 20, source);
        Value hidden = model.decode(l, model.encode(l, source), source, target);
        graph.output("logits", model.head(l).logits(hidden));
        return graph;
    }

    private static Set<String> names(Graph graph, Leaf.Kind kind) {
        return graph.leaves(kind).stream().map(v -> ((Leaf) v.node().op()).leafName()).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"bart", "t5", "t5_gated"})
    void readsExactlyTheWeightsOfItsCheckpoint(String name) {
        assertEquals(config(name).weightShapes().keySet(), names(graph(config(name), Adaptation.frozen(), 0), Leaf.Kind.WEIGHT));
    }

    @Test
    void theBiasOnTheLogitsIsNeverTrained() {
        Graph graph = graph(config("bart"), tensor -> true, 0);
        assertEquals(Set.of("final_logits_bias"), names(graph, Leaf.Kind.WEIGHT));
    }

    // A place with a probability of its own drops out though the model's is 0: 5 activations; query and value of 8 attentions.
    @Test
    void ownProbabilitiesHoldWithoutTheModels() {
        assertEquals(5, dropouts(graph(config("bart_activation"), Adaptation.frozen(), 0)).size());
        Adaptation lora = new Lora(2, 4, 0.2, Set.of("query", "value"));
        assertEquals(16, dropouts(graph(config("bart"), lora, 0)).size());
        Graph evaluation = new Graph(1, DType.F32);
        assertEquals(0, dropouts(build(evaluation, new Layers(evaluation, lora), config("bart_activation"))).size());
    }

    // Embeddings of both stacks, each block's output; T5 the last states and its feed-forward activations as well.
    @ParameterizedTest
    @CsvSource({"bart, 15", "bart_activation, 20", "t5, 22", "t5_gated, 22"})
    void dropsOutWhereThePapersDo(String name, int expected) {
        Graph evaluation = new Graph(1, DType.F32);
        assertEquals(0, dropouts(build(evaluation, new Layers(evaluation, Adaptation.frozen()), config(name))).size());
        List<Dropout> dropouts = dropouts(graph(config(name), Adaptation.frozen(), 0.1));
        assertEquals(expected, dropouts.size());
        assertEquals(expected, new HashSet<>(dropouts.stream().map(Dropout::site).toList()).size(), "two places share their masks");
        long activations = dropouts.stream().filter(d -> d.probability() == 0.3).count();
        assertEquals(name.equals("bart_activation") ? 5 : 0, activations);
        assertTrue(dropouts.stream().allMatch(d -> d.probability() == 0.1 || d.probability() == 0.3));
    }

    private static List<Dropout> dropouts(Graph graph) {
        return Plan.of(graph).nodes().stream().map(n -> n.op()).filter(Dropout.class::isInstance).map(Dropout.class::cast).toList();
    }

    /** Notes what it is asked; a prefix of 2 rows, a prompt of 4 and moved positions. */
    private static final class Noting implements Adaptation {

        private final List<String> blocks = new ArrayList<>();
        private final List<String> prefixes = new ArrayList<>();

        @Override
        public boolean trains(String tensor) {
            return false;
        }

        @Override
        public Value blockOutput(Layers layers, String site, Value input, Value h) {
            assertFalse(input == h);
            assertEquals(input.shape(), h.shape());
            blocks.add(site);
            return h;
        }

        @Override
        public Prefix prefix(Layers layers, String site, int d) {
            prefixes.add(site + " " + d);
            return new Prefix(layers.graph().parameter(site + ".keys", 2, d), layers.graph().parameter(site + ".values", 2, d));
        }

        @Override
        public Value prompt(Layers layers, int d) {
            return layers.graph().parameter("prompt", 4, d);
        }

        @Override
        public int promptLength() {
            return 4;
        }

        @Override
        public int positionShift(String stack) {
            return stack.equals("encoder") ? 2 : 3;
        }
    }

    @Test
    void bartAsksEverySite() {
        Noting noting = new Noting();
        graph(config("bart"), noting, 0);
        assertEquals(List.of("encoder.layers.0.self_attn", "encoder.layers.0.fc2", "encoder.layers.1.self_attn", "encoder.layers.1.fc2",
            "decoder.layers.0.self_attn", "decoder.layers.0.encoder_attn", "decoder.layers.0.fc2"), noting.blocks.subList(0, 7));
        assertEquals(2 * 2 + 3 * 3, noting.blocks.size());
        assertEquals(List.of("encoder.layers.0.self_attn 12", "encoder.layers.1.self_attn 12", "decoder.layers.0.self_attn 12",
            "decoder.layers.0.encoder_attn 12"), noting.prefixes.subList(0, 4));
        assertEquals(2 + 2 * 3, noting.prefixes.size());
    }

    @Test
    void t5AsksEverySite() {
        Noting noting = new Noting();
        graph(config("t5"), noting, 0);
        assertEquals(List.of("encoder.block.0.layer.0.SelfAttention", "encoder.block.0.layer.1.DenseReluDense.wo"), noting.blocks.subList(0, 2));
        assertEquals(List.of("decoder.block.2.layer.0.SelfAttention", "decoder.block.2.layer.1.EncDecAttention",
            "decoder.block.2.layer.2.DenseReluDense.wo"), noting.blocks.subList(10, 13));
        assertEquals("encoder.block.0.layer.0.SelfAttention 15", noting.prefixes.get(0));
    }

    @Test
    void inputsSayWhatTheMethodAsksFor() {
        Layers l = new Layers(new Graph(1, DType.F32), new Noting());
        TextInputs source = TextInputs.source(l, config("bart"), 20, 3), target = TextInputs.target(l, config("bart"), 20, source);
        assertEquals(2 + 2, source.firstPosition());
        assertEquals(2 + 3, target.firstPosition());
        assertEquals(List.of(13, 14, 15, 16), Arrays.stream(source.prompt().ids()).boxed().toList());
        assertEquals(0, target.prompt().count());
        assertEquals(2, TextInputs.declare(l, BERT, 20, 3).firstPosition());
    }

    @Test
    void aBatchWithoutTheMethodsVirtualTokensIsRefused() {
        Graph graph = new Graph(1, DType.F32);
        Layers l = new Layers(graph, new Noting());
        TextInputs without = TextInputs.declare(graph, BERT, 20, 3);
        String message = assertThrows(IllegalArgumentException.class, () -> new Encoder(BERT).hidden(l, without)).getMessage();
        assertTrue(message.contains("4 virtual tokens"), message);
    }

    // A method may give a linear layer another input: its activation is then an op of its own.
    @Test
    void anActivationIsFusedOnlyWithTheModelsOwnLayer() {
        Adaptation halved = new Adaptation() {
            @Override
            public boolean trains(String tensor) {
                return false;
            }

            @Override
            public Value linear(Layers layers, String name, Value x, int out) {
                return layers.baseLinear(name, name.endsWith("fc1") ? Ops.scale(x, 0.5) : x, out);
            }
        };
        assertEquals(5, fused(graph(config("bart"), Adaptation.frozen(), 0)));
        assertEquals(0, fused(graph(config("bart"), halved, 0)));
    }

    private static long fused(Graph graph) {
        return Plan.of(graph).nodes().stream().filter(n -> n.op() instanceof Linear linear && n.output(1) != null).count();
    }
}
