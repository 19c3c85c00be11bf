package org.primer4j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.Sequence;
import org.primer4j.random.Philox;

/** A tiny random encoder and rows of random tokens, for tests. */
public final class TinyEncoder {

    public static final EncoderConfig CONFIG = new EncoderConfig("bert", 60, 24, 2, 3, 40, 40, 2, 1e-12, "gelu", 0, 0.1, 0.1);

    private TinyEncoder() {}

    /** Random weights, every tensor its own stream. */
    public static Map<String, TensorData> weights(long seed) {
        Graph graph = new Graph(1, DType.F32);
        new Encoder(CONFIG).hidden(new Layers(graph, Adaptation.frozen()), TextInputs.declare(graph, CONFIG, 64, 8));
        Map<String, TensorData> weights = new LinkedHashMap<>();
        for (Value leaf : graph.leaves(Leaf.Kind.WEIGHT)) {
            String name = ((Leaf) leaf.node().op()).leafName();
            Philox random = new Philox(seed, name);
            boolean norm = name.endsWith("LayerNorm.weight");
            float[] values = new float[leaf.shape().rows() * leaf.cols()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((norm ? 1 : 0) + 0.1 * random.nextGaussian());
            }
            weights.put(name, TensorData.of(new long[] {leaf.shape().rows(), leaf.cols()}, values));
        }
        return weights;
    }

    /** Rows whose texts have 3 to {@code longest} tokens, with three candidates shared by all. */
    public static List<EncodedExample> rows(int count, int longest, long seed) {
        Philox random = new Philox(seed, "rows");
        Sequence[] candidates = {sequence(0, 3, random), sequence(1, 4, random), sequence(2, 3, random)};
        List<EncodedExample> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Sequence text = sequence(3 + i, 3 + random.nextInt(longest - 2), random);
            rows.add(new EncodedExample(text, candidates, random.nextInt(3), List.of("a", "b", "c")));
        }
        return rows;
    }

    /** The same rows as joint scoring reads them: each candidate's sequence holds the text as well. */
    public static List<EncodedExample> withoutTexts(List<EncodedExample> rows) {
        List<EncodedExample> joint = new ArrayList<>();
        for (EncodedExample row : rows) {
            Sequence[] pairs = new Sequence[row.candidates().length];
            for (int i = 0; i < pairs.length; i++) {
                pairs[i] = pair(joint.size() * pairs.length + i, row.text(), row.candidates()[i]);
            }
            joint.add(new EncodedExample(null, pairs, row.gold(), row.outputs()));
        }
        return joint;
    }

    private static Sequence pair(int index, Sequence first, Sequence second) {
        int[] ids = Arrays.copyOf(first.ids(), first.length() + second.length());
        System.arraycopy(second.ids(), 0, ids, first.length(), second.length());
        int[] types = new int[ids.length];
        Arrays.fill(types, first.length(), ids.length, 1);
        return new Sequence(index, ids, types);
    }

    private static Sequence sequence(int index, int length, Philox random) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = random.nextInt(CONFIG.vocabSize());
        }
        return new Sequence(index, ids, new int[length]);
    }
}
