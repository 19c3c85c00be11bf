package org.primer4j.verify;

import static org.primer4j.verify.PackedRows.require;

import java.nio.file.Path;
import java.util.Arrays;
import org.primer4j.BadInputException;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.Seq2SeqConfig;

/**
 * The inputs of a golden case of a model with encoder and decoder. The sources are packed without their padding; the decoder has no
 * padding mask, so that its rows are whole.
 *
 * @param source what the encoder reads
 * @param target what the decoder reads
 * @param labels for each token of the target, or -100
 */
record Seq2SeqBatch(PackedRows source, PackedRows target, int[] labels) {

    private static final String LABELS = "in.labels";

    /** @throws BadInputException when an input is missing or makes no sense */
    static Seq2SeqBatch read(Path path, SafetensorsFile golden, Seq2SeqConfig config) {
        PackedRows source = PackedRows.read(path, golden, config.vocabSize());
        long[] shape = golden.info(LABELS).shape();
        long[] labels = golden.longs(LABELS);
        require(path, shape.length == 2 && shape[0] == source.sequences(), LABELS + " for each row of the inputs");
        Seq2SeqBatch batch = new Seq2SeqBatch(source, target(path, shape, labels, config), toInts(labels));
        require(path, Math.max(source.longest(), batch.target.longest()) <= config.maxPositions(), "rows that fit " + config.maxPositions() + " positions");
        require(path, Arrays.stream(batch.labels).allMatch(label -> label == EncoderBatch.IGNORED || label >= 0 && label < config.vocabSize())
            && Arrays.stream(labels).anyMatch(label -> label != EncoderBatch.IGNORED), "labels below vocab_size, and one that counts");
        return batch;
    }

    // Labels moved right by one, the start token first, ignored labels as padding.
    private static PackedRows target(Path path, long[] shape, long[] labels, Seq2SeqConfig config) {
        long[] ids = new long[labels.length];
        for (int i = 0; i < ids.length; i++) {
            boolean first = i % (int) shape[1] == 0;
            long before = first ? config.decoderStartTokenId() : labels[i - 1];
            ids[i] = before == EncoderBatch.IGNORED ? config.padTokenId() : before;
        }
        boolean[] real = new boolean[labels.length];
        Arrays.fill(real, true);
        return PackedRows.of(path, shape, ids, real, config.vocabSize());
    }

    private static int[] toInts(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }
}
