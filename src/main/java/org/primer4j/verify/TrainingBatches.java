package org.primer4j.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.objective.seq2seq.Seq2SeqExample;

/** Reads the batches of the groups training, {@code [batches, rows, tokens]}, and meta, {@code [rows, tokens]}; both padded. */
final class TrainingBatches {

    private static final String IDS = "input_ids";
    private static final String MASK = "attention_mask";
    private static final String LABELS = "labels";

    private TrainingBatches() {}

    /** All batches of a file. */
    static List<List<Seq2SeqExample>> read(Path path, SafetensorsFile file) {
        List<Seq2SeqExample> all = rows(path, file, "in.", 3);
        int batches = Math.toIntExact(file.info("in." + IDS).shape()[0]), size = all.size() / batches;
        return IntStream.range(0, batches).mapToObj(i -> all.subList(i * size, (i + 1) * size)).toList();
    }

    /** The batch whose tensors' names begin with a prefix. */
    static List<Seq2SeqExample> one(Path path, SafetensorsFile file, String prefix) {
        return rows(path, file, prefix, 2);
    }

    private static List<Seq2SeqExample> rows(Path path, SafetensorsFile file, String prefix, int dimensions) {
        long[] shape = file.info(prefix + IDS).shape(), targets = file.info(prefix + LABELS).shape();
        if (shape.length != dimensions || targets.length != dimensions || !Arrays.equals(shape, file.info(prefix + MASK).shape())) {
            throw new BadInputException(path + ": found inputs '" + prefix + IDS + "' of shape " + Arrays.toString(shape)
                + "; expected rows of tokens in " + dimensions + " dimensions.");
        }
        long[] ids = file.longs(prefix + IDS), mask = file.longs(prefix + MASK), labels = file.longs(prefix + LABELS);
        int longest = (int) shape[dimensions - 1], longestTarget = (int) targets[dimensions - 1];
        return IntStream.range(0, ids.length / longest).mapToObj(row -> new Seq2SeqExample(row(ids, mask, row, longest, 0),
            row(labels, labels, row, longestTarget, EncoderBatch.IGNORED), "")).toList();
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
