package org.primer4j.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.SafetensorsFile;

/**
 * The inputs of an encoder's golden case, packed: the padded rows {@code [B, T]} of the file without their padding.
 *
 * @param places of the real tokens among the B T of the file
 * @param ids token ids, [tokens]
 * @param positions position ids, [tokens]
 * @param types token type ids, [tokens]; zeros when the file has none
 * @param offsets first token of each sequence, and the end of the last
 * @param objective what the loss is
 * @param labels for each token or sequence, or -100; empty for {@link Objective#SIMILARITY}
 * @param similarities wanted cosine of each pair of sequences, [sequences sequences], for {@link Objective#SIMILARITY}
 */
record EncoderBatch(int[] places, int[] ids, int[] positions, int[] types, int[] offsets, Objective objective, int[] labels,
        float[] similarities) {

    /** The label of what the loss leaves out. */
    static final int IGNORED = -100;

    /** What the loss is. */
    enum Objective {
        /** Mean cross-entropy of masked-language-model logits. */
        MASKED_LM,
        /** Mean cross-entropy of a label for each sequence. */
        CLASSES,
        /** Mean square of cosine minus wanted similarity, over all pairs of sequences. */
        SIMILARITY
    }

    private static final String IDS = "in.input_ids";
    private static final String MASK = "in.attention_mask";
    private static final String TYPES = "in.token_type_ids";
    private static final String LABELS = "in.labels";
    private static final String SIMILARITIES = "in.target_similarity";

    /** @throws BadInputException when an input is missing or makes no sense */
    static EncoderBatch read(Path path, SafetensorsFile golden, EncoderConfig config) {
        long[] shape = golden.info(IDS).shape();
        long[] mask = golden.longs(MASK);
        require(path, shape.length == 2 && mask.length == golden.info(IDS).size(), IDS + " and " + MASK + " of one shape [B, T]");
        int longest = (int) shape[1];
        int[] places = IntStream.range(0, mask.length).filter(i -> mask[i] != 0).toArray();
        int[] offsets = offsets(places, (int) shape[0], longest);
        for (int n = 0; n + 1 < offsets.length; n++) {
            require(path, offsets[n] < offsets[n + 1], "at least one real token in row " + n);
        }
        int[] ids = at(golden.longs(IDS), places);
        require(path, within(ids, config.vocabSize()), "ids below vocab_size " + config.vocabSize());
        int[] types = golden.names().contains(TYPES) ? at(golden.longs(TYPES), places) : new int[places.length];
        int[] positions = positions(offsets, TextInputs.firstPosition(config));
        require(path, within(positions, config.maxPositions()), "rows that fit " + config.maxPositions() + " positions");
        if (golden.names().contains(SIMILARITIES)) {
            float[] similarities = golden.floats(SIMILARITIES);
            require(path, similarities.length == shape[0] * shape[0], SIMILARITIES + " for each pair of the " + shape[0] + " rows");
            return new EncoderBatch(places, ids, positions, types, offsets, Objective.SIMILARITY, new int[0], similarities);
        }
        boolean perToken = golden.info(LABELS).shape().length == 2;
        int[] labels = perToken ? at(labels(path, golden, mask.length), places) : toInts(labels(path, golden, (int) shape[0]));
        return new EncoderBatch(places, ids, positions, types, offsets, perToken ? Objective.MASKED_LM : Objective.CLASSES, labels, new float[0]);
    }

    private static long[] labels(Path path, SafetensorsFile golden, int count) {
        long[] labels = golden.longs(LABELS);
        require(path, labels.length == count, count + " labels, not " + labels.length);
        require(path, Arrays.stream(labels).anyMatch(label -> label != IGNORED), "a label other than " + IGNORED);
        return labels;
    }

    private static void require(Path path, boolean holds, String expected) {
        if (!holds) {
            throw new BadInputException(path + ": the inputs make no batch; expected " + expected + ".");
        }
    }

    private static boolean within(int[] values, int limit) {
        return Arrays.stream(values).allMatch(value -> value >= 0 && value < limit);
    }

    private static int[] offsets(int[] places, int rows, int longest) {
        int[] offsets = new int[rows + 1];
        for (int place : places) {
            offsets[place / longest + 1]++;
        }
        Arrays.parallelPrefix(offsets, Integer::sum);
        return offsets;
    }

    private static int[] positions(int[] offsets, int first) {
        int[] positions = new int[offsets[offsets.length - 1]];
        for (int n = 0; n + 1 < offsets.length; n++) {
            for (int t = offsets[n]; t < offsets[n + 1]; t++) {
                positions[t] = first + t - offsets[n];
            }
        }
        return positions;
    }

    private static int[] at(long[] values, int[] places) {
        return Arrays.stream(places).map(place -> Math.toIntExact(values[place])).toArray();
    }

    private static int[] toInts(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    int tokens() {
        return ids.length;
    }

    int sequences() {
        return offsets.length - 1;
    }

    /** Of each labelled thing its share of the mean loss: 1 / (number of labels), 0 where there is none. */
    float[] lossWeights() {
        return lossWeights(labels);
    }

    static float[] lossWeights(int[] labels) {
        long count = Arrays.stream(labels).filter(label -> label != IGNORED).count();
        float[] weights = new float[labels.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = labels[i] == IGNORED ? 0 : 1f / count;
        }
        return weights;
    }
}
