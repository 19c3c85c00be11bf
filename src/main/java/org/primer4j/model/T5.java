package org.primer4j.model;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.attention;
import static org.primer4j.graph.Ops.embedding;
import static org.primer4j.graph.Ops.gated;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.RelativeBuckets;
import org.primer4j.model.io.T5Config;

/**
 * T5 (Raffel et al. 2020), its version 1.1 and mT5 (Xue et al. 2021): RMSNorm before each block, no biases, attention without a scale
 * and with a bias for relative positions that all layers of a stack share.
 */
public record T5(T5Config config) implements Seq2Seq {

    private static final String BIAS = ".block.0.layer.0.SelfAttention.relative_attention_bias.weight";

    @Override
    public int keySize() {
        return config.innerSize();
    }

    @Override
    public List<Value> encoderStates(Layers layers, TextInputs source) {
        Layers l = layers.withoutBiases();
        List<Value> states = new ArrayList<>(List.of(embeddings(l, "encoder", source.ids(), l.prompt(source, config.hiddenSize()))));
        for (int i = 0; i < config.encoderLayers(); i++) {
            states.add(encoderBlock(l, "encoder.block." + i + ".layer.", states.get(i), source));
        }
        return normalised(l, "encoder", states);
    }

    @Override
    public List<Value> decoderStates(Layers l, Value encoded, TextInputs source, TextInputs target) {
        Layers unbiased = l.withoutBiases();
        return decoderStates(unbiased, new DecoderAttention.WholeTexts(source, target, i -> crossKeysValues(unbiased, i, encoded)), target.ids());
    }

    @Override
    public Value step(Layers l, StepInputs in) {
        return decoderStates(l.withoutBiases(), new DecoderAttention.OneToken(in), in.ids()).get(config.decoderLayers());
    }

    private List<Value> decoderStates(Layers l, DecoderAttention attending, Value ids) {
        List<Value> states = new ArrayList<>(List.of(embeddings(l, "decoder", ids, null)));
        for (int i = 0; i < config.decoderLayers(); i++) {
            states.add(decoderBlock(l, i, states.get(i), attending));
        }
        return normalised(l, "decoder", states);
    }

    private Value embeddings(Layers l, String stack, Value ids, Value prompt) {
        return l.dropout(stack, embedding(shared(l), 1, null, null, prompt, ids, null, null));
    }

    private Value shared(Layers l) {
        return l.tensor("shared.weight", config.vocabSize(), config.hiddenSize());
    }

    /** The last state as its readers see it: normalised and dropped out. */
    private List<Value> normalised(Layers l, String stack, List<Value> states) {
        int last = states.size() - 1;
        String norm = stack + ".final_layer_norm";
        states.set(last, l.dropout(norm, l.rmsNorm(norm, states.get(last), config.rmsNormEps())));
        return states;
    }

    private Value encoderBlock(Layers l, String at, Value x, TextInputs source) {
        String site = at + "0.SelfAttention";
        Value n = normed(l, at + 0, x);
        KeyValue own = keysValues(l, site, n);
        Value mixed = attention(selfAttention(false), query(l, site, n), own.keys(), own.values(), source.offsets(), source.offsets(),
            bias(l, "encoder"), l.prefix(site, config.innerSize()));
        return feedForward(l, at + 1, attended(l, site, x, n, mixed));
    }

    private Value decoderBlock(Layers l, int i, Value x, DecoderAttention attending) {
        String at = "decoder.block." + i + ".layer.";
        String self = at + "0.SelfAttention", cross = at + "1.EncDecAttention";
        Value n = normed(l, at + 0, x);
        Value own = attending.self(i, selfAttention(true), query(l, self, n), keysValues(l, self, n), bias(l, "decoder"),
            l.prefix(self, config.innerSize()));
        Value h = attended(l, self, x, n, own);
        Value m = normed(l, at + 1, h);
        Value read = attending.cross(i, new Attention(config.heads(), false, 1, null), query(l, cross, m), l.prefix(cross, config.innerSize()));
        return feedForward(l, at + 2, attended(l, cross, h, m, read));
    }

    private Attention selfAttention(boolean causal) {
        return new Attention(config.heads(), causal, 1, new RelativeBuckets(config.buckets(), config.maxDistance(), !causal));
    }

    private Value bias(Layers l, String stack) {
        return l.tensor(stack + BIAS, config.buckets(), config.heads());
    }

    private Value normed(Layers l, String layer, Value x) {
        return l.rmsNorm(layer + ".layer_norm", x, config.rmsNormEps());
    }

    private Value query(Layers l, String site, Value x) {
        return l.linear(site + ".q", x, config.innerSize());
    }

    private KeyValue keysValues(Layers l, String site, Value x) {
        return new KeyValue(l.linear(site + ".k", x, config.innerSize()), l.linear(site + ".v", x, config.innerSize()));
    }

    private Value attended(Layers l, String site, Value x, Value normed, Value mixed) {
        return add(x, l.blockOutput(site, normed, l.linear(site + ".o", mixed, config.hiddenSize())));
    }

    private Value feedForward(Layers l, String layer, Value x) {
        String at = layer + ".DenseReluDense";
        Value n = normed(l, layer, x);
        Value inner = config.gated()
            ? gated(config.activationFunction(), l.linear(at + ".wi_0", n, config.ffn()), l.linear(at + ".wi_1", n, config.ffn()))
            : l.linear(at + ".wi", n, config.ffn(), config.activationFunction());
        Value out = l.linear(at + ".wo", l.dropout(at, inner), config.hiddenSize());
        return add(x, l.blockOutput(at + ".wo", n, out));
    }

    @Override
    public List<KeyValue> crossKeysValues(Layers l, Value encoded) {
        return IntStream.range(0, config.decoderLayers()).mapToObj(i -> crossKeysValues(l.withoutBiases(), i, encoded)).toList();
    }

    private KeyValue crossKeysValues(Layers l, int layer, Value encoded) {
        return keysValues(l, "decoder.block." + layer + ".layer.1.EncDecAttention", encoded);
    }

    /** A matrix of its own, or the word embeddings; the first version reads its hidden states times d^-0.5. */
    @Override
    public LmHead head(Layers l) {
        Value weight = config.ownHead() ? l.tensor("lm_head.weight", config.vocabSize(), config.hiddenSize()) : shared(l);
        return new LmHead(weight, null, config.scaleDecoderOutputs() ? 1 / Math.sqrt(config.hiddenSize()) : 1);
    }
}
