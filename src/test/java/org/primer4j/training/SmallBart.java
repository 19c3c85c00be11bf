package org.primer4j.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.BartConfig.Stack;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.random.Philox;

/** Small random BARTs and rows, for tests. */
public final class SmallBart {

    /** Two small stacks, for tests of arithmetic. */
    public static final BartConfig TINY = config(40, 24, 1, 3, 40, 40);

    private static final float STRENGTH = 10;

    private SmallBart() {}

    /** With BART's special tokens: 0 begins, 1 pads, 2 ends and starts the decoder. */
    static BartConfig config(int vocabulary, int width, int layers, int heads, int ffn, int positions) {
        Stack stack = new Stack(layers, heads, ffn);
        return new BartConfig(vocabulary, width, stack, stack, positions, "gelu", false, 1, 0, 2, 2, 0, 2, 0.1, 0, 0);
    }

    static PretrainedModel model(BartConfig config, byte[] tokenizerJson, long seed) {
        return RandomModel.of(config, tokenizerJson, seed);
    }

    /** A random tiny model with weights so large that each part of it matters. */
    public static PretrainedModel strong(long seed) {
        return strong(model(TINY, new byte[0], seed), STRENGTH);
    }

    /** A model with its matrices times a factor. */
    public static PretrainedModel strong(PretrainedModel model, float factor) {
        Map<String, TensorData> weights = new LinkedHashMap<>(model.weights());
        weights.replaceAll((name, tensor) -> tensor.shape().length < 2 ? tensor : TensorData.of(tensor.shape(), scaled(tensor.floats(), factor)));
        return model.withWeights(weights);
    }

    private static float[] scaled(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values;
    }

    /** Random sources of 1 to {@code longest} tokens, targets half as long. */
    public static List<Seq2SeqExample> rows(int count, int longest, long seed) {
        Philox random = new Philox(seed, "rows");
        return IntStream.range(0, count).mapToObj(i -> new Seq2SeqExample(text(longest, random), text(Math.max(1, longest / 2), random), "x")).toList();
    }

    private static int[] text(int longest, Philox random) {
        return draw(1 + random.nextInt(longest), random);
    }

    private static int[] draw(int length, Philox random) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = 4 + random.nextInt(TINY.vocabSize() - 4);
        }
        return ids;
    }
}
