package org.primer4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.objective.seq2seq.Seq2SeqExample;

/** Reads the batches of the group training: {@code [batches, rows, tokens]}, padded. */
final class TrainingBatches {

    private static final String IDS = "in.input_ids";
    private static final String MASK = "in.attention_mask";
    private static final String LABELS = "in.labels";

    private TrainingBatches() {}

    static List<List<Seq2SeqExample>> read(Path path, SafetensorsFile file) {
        long[] shape = file.info(IDS).shape();
        if (shape.length != 3 || file.info(LABELS).shape().length != 3 || !Arrays.equals(shape, file.info(MASK).shape())) {
            throw new BadInputException(path + ": found inputs of shape " + Arrays.toString(shape) + "; expected batches of rows of tokens.");
        }
        int rows = Math.toIntExact(shape[1]);
        long[] ids = file.longs(IDS), mask = file.longs(MASK), labels = file.longs(LABELS);
        List<List<Seq2SeqExample>> batches = new ArrayList<>();
        for (int batch = 0; batch < shape[0]; batch++) {
            List<Seq2SeqExample> examples = new ArrayList<>();
            for (int row = batch * rows; row < (batch + 1) * rows; row++) {
                examples.add(new Seq2SeqExample(row(ids, mask, row, (int) shape[2], 0), row(labels, labels, row,
                    (int) file.info(LABELS).shape()[2], EncoderBatch.IGNORED), ""));
            }
            batches.add(examples);
        }
        return batches;
    }

    // The numbers of a row but those where `marks` says padding.
    private static int[] row(long[] values, long[] marks, int row, int length, int padding) {
        int[] kept = new int[length];
        int count = 0;
        for (int i = row * length; i < (row + 1) * length; i++) {
            if (marks[i] != padding) {
                kept[count++] = Math.toIntExact(values[i]);
            }
        }
        return Arrays.copyOf(kept, count);
    }
}
