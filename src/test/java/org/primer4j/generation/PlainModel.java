package org.primer4j.generation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorData;

/** The golden folder's BART and T5 v1.1 of one layer in plain float64, without a cache: each step computes the whole sequence. */
abstract class PlainModel implements SequenceStep.Model {

    static final int HEADS = 4;
    private static final Matrices.Bias NO_BIAS = (head, query, key) -> 0;

    private final Map<String, TensorData> tensors = new HashMap<>();
    private final List<double[][]> encoded = new ArrayList<>();

    PlainModel(SafetensorsFile file) {
        file.names().forEach(name -> tensors.put(name.replaceFirst("^model\\.", ""), TensorData.of(file.tensor(name).shape(), file.tensor(name).floats())));
    }

    static PlainModel read(Path folder, int[][] sources) {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            PlainModel model = folder.endsWith("bart") ? new Bart(file) : new T5(file);
            Arrays.stream(sources).forEach(source -> model.encoded.add(model.encode(source)));
            return model;
        }
    }

    abstract double[][] encode(int[] source);

    abstract double[] lastLogits(double[][] source, int[] target);

    @Override
    public double[] logits(int source, int[] sequence) {
        return lastLogits(encoded.get(source), sequence);
    }

    double[][] matrix(String name) {
        TensorData tensor = tensors.get(name);
        int cols = (int) tensor.shape()[tensor.shape().length - 1];
        float[] numbers = tensor.floats();
        double[][] rows = new double[numbers.length / cols][cols];
        for (int i = 0; i < numbers.length; i++) {
            rows[i / cols][i % cols] = numbers[i];
        }
        return rows;
    }

    double[] vector(String name) {
        return matrix(name)[0];
    }

    double[][] linear(String name, double[][] x) {
        return Matrices.linear(x, matrix(name + ".weight"), tensors.containsKey(name + ".bias") ? vector(name + ".bias") : null);
    }

    /** BART: post-LayerNorm, learned positions from row 2 on, a shared head. */
    private static final class Bart extends PlainModel {

        Bart(SafetensorsFile file) {
            super(file);
        }

        private double[][] norm(String name, double[][] x) {
            return Matrices.layerNorm(x, vector(name + ".weight"), vector(name + ".bias"), 1e-5);
        }

        private double[][] embed(String stack, int[] ids) {
            double[][] words = matrix("shared.weight"), positions = matrix(stack + ".embed_positions.weight");
            double[][] x = new double[ids.length][];
            for (int i = 0; i < ids.length; i++) {
                double[] position = positions[i + 2];
                x[i] = words[ids[i]].clone();
                for (int j = 0; j < position.length; j++) {
                    x[i][j] += position[j];
                }
            }
            return norm(stack + ".layernorm_embedding", x);
        }

        private double[][] attend(String at, double[][] x, double[][] keys, boolean causal) {
            double scale = 1 / Math.sqrt(x[0].length / (double) HEADS);
            double[][] mixed = Matrices.attention(linear(at + ".q_proj", x), linear(at + ".k_proj", keys), linear(at + ".v_proj", keys), HEADS, scale,
                causal, NO_BIAS);
            return norm(at + "_layer_norm", Matrices.add(x, linear(at + ".out_proj", mixed)));
        }

        private double[][] feed(String layer, double[][] x) {
            double[][] inner = Matrices.map(linear(layer + "fc1", x), Matrices::gelu);
            return norm(layer + "final_layer_norm", Matrices.add(x, linear(layer + "fc2", inner)));
        }

        @Override
        double[][] encode(int[] source) {
            double[][] x = embed("encoder", source);
            return feed("encoder.layers.0.", attend("encoder.layers.0.self_attn", x, x, false));
        }

        @Override
        double[] lastLogits(double[][] source, int[] target) {
            double[][] x = embed("decoder", target);
            double[][] h = attend("decoder.layers.0.encoder_attn", attend("decoder.layers.0.self_attn", x, x, true), source, false);
            double[][] y = feed("decoder.layers.0.", h);
            return Matrices.linear(new double[][] {y[y.length - 1]}, matrix("shared.weight"), vector("final_logits_bias"))[0];
        }
    }

    /** T5 v1.1: RMSNorm first, relative positions, gated GELU, a head of its own. */
    private static final class T5 extends PlainModel {

        T5(SafetensorsFile file) {
            super(file);
        }

        private double[][] norm(String name, double[][] x) {
            return Matrices.rmsNorm(x, vector(name + ".weight"), 1e-6);
        }

        private double[][] attend(String at, double[][] x, double[][] keys, boolean causal, Matrices.Bias bias) {
            double[][] mixed = Matrices.attention(linear(at + ".q", x), linear(at + ".k", keys), linear(at + ".v", keys), HEADS, 1, causal, bias);
            return linear(at + ".o", mixed);
        }

        private double[][] self(String stack, double[][] x, boolean causal) {
            double[][] table = matrix(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
            double[][] h = norm(stack + ".block.0.layer.0.layer_norm", x);
            return Matrices.add(x, attend(stack + ".block.0.layer.0.SelfAttention", h, h, causal,
                (head, query, key) -> table[bucket(key - query, !causal)][head]));
        }

        // 16 buckets, distances up to 20 (Raffel et al. 2020, section 2.1).
        private static int bucket(int distance, boolean bidirectional) {
            int buckets = bidirectional ? 8 : 16;
            int base = bidirectional && distance > 0 ? buckets : 0;
            int far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0);
            int exact = buckets / 2;
            if (far < exact) {
                return base + far;
            }
            int large = exact + (int) ((float) Math.log((float) far / exact) / Math.log(20.0 / exact) * (buckets - exact));
            return base + Math.min(large, buckets - 1);
        }

        private double[][] feed(String layer, double[][] x) {
            double[][] h = norm(layer + ".layer_norm", x);
            double[][] gate = Matrices.map(linear(layer + ".DenseReluDense.wi_0", h), Matrices::geluTanh);
            double[][] inner = Matrices.zip(gate, linear(layer + ".DenseReluDense.wi_1", h), (a, b) -> a * b);
            return Matrices.add(x, linear(layer + ".DenseReluDense.wo", inner));
        }

        private double[][] embed(int[] ids) {
            double[][] words = matrix("shared.weight");
            return Arrays.stream(ids).mapToObj(id -> words[id]).toArray(double[][]::new);
        }

        @Override
        double[][] encode(int[] source) {
            double[][] x = self("encoder", embed(source), false);
            return norm("encoder.final_layer_norm", feed("encoder.block.0.layer.1", x));
        }

        @Override
        double[] lastLogits(double[][] source, int[] target) {
            double[][] x = self("decoder", embed(target), true);
            String cross = "decoder.block.0.layer.1";
            double[][] h = Matrices.add(x, attend(cross + ".EncDecAttention", norm(cross + ".layer_norm", x), source, false, NO_BIAS));
            double[][] y = norm("decoder.final_layer_norm", feed("decoder.block.0.layer.2", h));
            return Matrices.linear(new double[][] {y[y.length - 1]}, matrix("lm_head.weight"), null)[0];
        }
    }
}
