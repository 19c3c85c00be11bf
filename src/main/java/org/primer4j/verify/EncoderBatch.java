package org.primer4j.verify;

import static org.primer4j.verify.PackedRows.require;

import java.nio.file.Path;
import java.util.Arrays;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.SafetensorsFile;

/**
 * The inputs of an encoder's golden case, packed: the padded rows {@code [B, T]} of the file without their padding.
 *
 * @param rows the sequences
 * @param types token type ids, [tokens]; zeros when the file has none
 * @param objective what the loss is
 * @param labels for each token or sequence, or -100; empty for {@link Objective#SIMILARITY}
 * @param similarities wanted cosine of each pair of sequences, [sequences sequences], for {@link Objective#SIMILARITY}
 */
record EncoderBatch(PackedRows rows, int[] types, Objective objective, int[] labels, float[] similarities) {

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

    private static final String TYPES = "in.token_type_ids";
    private static final String LABELS = "in.labels";
    private static final String SIMILARITIES = "in.target_similarity";

    /** @throws BadInputException when an input is missing or makes no sense */
    static EncoderBatch read(Path path, SafetensorsFile golden, EncoderConfig config) {
        PackedRows rows = PackedRows.read(path, golden, config.vocabSize());
        int[] types = golden.names().contains(TYPES) ? at(golden.longs(TYPES), rows.places()) : new int[rows.tokens()];
        require(path, rows.longest() <= config.maxPositions() - TextInputs.firstPosition(config), "rows that fit " + config.maxPositions() + " positions");
        if (golden.names().contains(SIMILARITIES)) {
            float[] similarities = golden.floats(SIMILARITIES);
            require(path, similarities.length == rows.sequences() * rows.sequences(), SIMILARITIES + " for each pair of rows");
            return new EncoderBatch(rows, types, Objective.SIMILARITY, new int[0], similarities);
        }
        boolean perToken = golden.info(LABELS).shape().length == 2;
        int[] labels = perToken ? at(labels(path, golden, rows.padded()), rows.places()) : toInts(labels(path, golden, rows.sequences()));
        return new EncoderBatch(rows, types, perToken ? Objective.MASKED_LM : Objective.CLASSES, labels, new float[0]);
    }

    private static long[] labels(Path path, SafetensorsFile golden, int count) {
        long[] labels = golden.longs(LABELS);
        require(path, labels.length == count, count + " labels, not " + labels.length);
        require(path, Arrays.stream(labels).anyMatch(label -> label != IGNORED), "a label other than " + IGNORED);
        return labels;
    }

    private static int[] at(long[] values, int[] places) {
        return Arrays.stream(places).map(place -> Math.toIntExact(values[place])).toArray();
    }

    private static int[] toInts(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    /** The batch with {@code count} virtual tokens, of ids from {@code first} on, before each sequence: of type 0, without a label. */
    EncoderBatch withPrompt(int first, int count) {
        int[] spread = objective == Objective.MASKED_LM ? rows.spread(labels, count, IGNORED) : labels;
        return new EncoderBatch(rows.withPrompt(first, count), rows.spread(types, count, 0), objective, spread, similarities);
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
