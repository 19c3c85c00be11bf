package org.primer4j.model;

import static org.primer4j.graph.Ops.attention;
import static org.primer4j.graph.Ops.embedding;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.model.io.BartConfig;

/** BART (Lewis et al. 2020): a Transformer with learned positions, LayerNorm after each block and one table of embeddings. */
public record Bart(BartConfig config) implements Seq2Seq {

    private static final double EPS = BartConfig.LAYER_NORM_EPS;

    @Override
    public int keySize() {
        return config.hiddenSize();
    }

    @Override
    public List<Value> encoderStates(Layers l, TextInputs source) {
        List<Value> states = new ArrayList<>();
        states.add(embeddings(l, "encoder", source.ids(), source.positions(), l.prompt(source, config.hiddenSize())));
        for (int i = 0; i < config.encoder().layers(); i++) {
            states.add(encoderLayer(l, "encoder.layers." + i + ".", states.get(i), source));
        }
        return states;
    }

    @Override
    public List<Value> decoderStates(Layers l, Value encoded, TextInputs source, TextInputs target) {
        DecoderAttention attending = new DecoderAttention.WholeTexts(source, target, i -> crossKeysValues(l, i, encoded));
        return decoderStates(l, attending, target.ids(), target.positions());
    }

    @Override
    public Value step(Layers l, StepInputs in) {
        return decoderStates(l, new DecoderAttention.OneToken(in), in.ids(), in.positions()).get(config.decoder().layers());
    }

    private List<Value> decoderStates(Layers l, DecoderAttention attending, Value ids, Value positions) {
        List<Value> states = new ArrayList<>();
        states.add(embeddings(l, "decoder", ids, positions, null));
        for (int i = 0; i < config.decoder().layers(); i++) {
            states.add(decoderLayer(l, i, states.get(i), attending));
        }
        return states;
    }

    private Value embeddings(Layers l, String stack, Value ids, Value positions, Value prompt) {
        int d = config.hiddenSize();
        Value table = l.tensor(stack + ".embed_positions.weight", config.maxPositions() + BartConfig.POSITION_OFFSET, d);
        double scale = config.scaleEmbedding() ? Math.sqrt(d) : 1;
        Value sum = embedding(shared(l), scale, table, null, prompt, ids, positions, null);
        return l.dropout(stack, l.addLayerNorm(stack + ".layernorm_embedding", sum, null, EPS));
    }

    private Value shared(Layers l) {
        return l.tensor("shared.weight", config.vocabSize(), config.hiddenSize());
    }

    private Value encoderLayer(Layers l, String at, Value x, TextInputs source) {
        String site = at + "self_attn";
        Attention kind = Attention.full(config.encoder().heads(), config.hiddenSize());
        KeyValue own = keysValues(l, site, x);
        Value mixed = attention(kind, query(l, site, x), own.keys(), own.values(), source.offsets(), source.offsets(), null,
            l.prefix(site, config.hiddenSize()));
        return feedForward(l, at, attended(l, site, x, mixed), config.encoder().ffn());
    }

    private Value decoderLayer(Layers l, int i, Value x, DecoderAttention attending) {
        String at = "decoder.layers." + i + ".";
        String self = at + "self_attn", cross = at + "encoder_attn";
        int d = config.hiddenSize();
        Attention full = Attention.full(config.decoder().heads(), d);
        Attention causal = new Attention(full.heads(), true, full.scale(), null);
        Value own = attending.self(i, causal, query(l, self, x), keysValues(l, self, x), null, l.prefix(self, d));
        Value h = attended(l, self, x, own);
        Value read = attending.cross(i, full, query(l, cross, h), l.prefix(cross, d));
        return feedForward(l, at, attended(l, cross, h, read), config.decoder().ffn());
    }

    private Value query(Layers l, String site, Value x) {
        return l.linear(site + ".q_proj", x, config.hiddenSize());
    }

    private KeyValue keysValues(Layers l, String site, Value x) {
        int d = config.hiddenSize();
        return new KeyValue(l.linear(site + ".k_proj", x, d), l.linear(site + ".v_proj", x, d));
    }

    private Value attended(Layers l, String site, Value x, Value mixed) {
        Value out = l.linear(site + ".out_proj", mixed, config.hiddenSize());
        return l.addLayerNorm(site + "_layer_norm", l.blockOutput(site, x, out), x, EPS);
    }

    private Value feedForward(Layers l, String at, Value x, int ffn) {
        Value inner = l.linear(at + "fc1", x, ffn, config.activationFunction());
        Value dropped = l.dropout(at + "fc1", inner, config.activationDropout());
        Value out = l.linear(at + "fc2", dropped, config.hiddenSize());
        return l.addLayerNorm(at + "final_layer_norm", l.blockOutput(at + "fc2", x, out), x, EPS);
    }

    @Override
    public List<KeyValue> crossKeysValues(Layers l, Value encoded) {
        return IntStream.range(0, config.decoder().layers()).mapToObj(i -> crossKeysValues(l, i, encoded)).toList();
    }

    private KeyValue crossKeysValues(Layers l, int layer, Value encoded) {
        return keysValues(l, "decoder.layers." + layer + ".encoder_attn", encoded);
    }

    /** The word embeddings, and a bias that no method trains. */
    @Override
    public LmHead head(Layers l) {
        return new LmHead(shared(l), l.constant("final_logits_bias", 1, config.vocabSize()), 1);
    }
}
