package org.primer4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.model.TextInputs;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.random.Philox;

/**
 * A packed batch of random token ids, made before the clock starts.
 *
 * @param ids token ids of all sequences, one after another
 * @param positions of the tokens in their sequences
 * @param offsets first token of each sequence, and the end of the last
 * @param classes a label for each row
 */
record BenchBatch(int[] ids, int[] positions, int[] offsets, int[] classes) implements BenchRun.Sizes {

    private static final int FIRST_ORDINARY_TOKEN = 4;

    @Override
    public int tokens() {
        return ids.length;
    }

    int sequences() {
        return offsets.length - 1;
    }

    @Override
    public int rows(String axis) {
        return axis.equals(TextInputs.SEQUENCES) ? sequences() : axis.equals(TextInputs.TOKENS) ? tokens() : classes.length;
    }

    @Override
    public long pairs(String queries, String keys) {
        long pairs = 0;
        for (int i = 0; i < sequences(); i++) {
            long length = offsets[i + 1] - offsets[i];
            pairs += length * length;
        }
        return pairs;
    }

    /** The batches of a run; rows are cut to what the model takes. All first texts of a batch come before the second texts. */
    static List<BenchBatch> draw(BenchTrainOptions options, EncoderConfig config, int count) {
        List<Lengths.Pair> pairs = Lengths.order(Lengths.read(options.lengths()), count * options.batch(), options.seed());
        Philox random = new Philox(options.seed(), "bench.ids");
        List<BenchBatch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(draw(pairs.subList(i * options.batch(), (i + 1) * options.batch()), options.textsPerRow(), config, random));
        }
        return batches;
    }

    private static BenchBatch draw(List<Lengths.Pair> rows, int texts, EncoderConfig config, Philox random) {
        int[] offsets = new int[rows.size() * texts + 1];
        for (int i = 0; i < rows.size() * texts; i++) {
            Lengths.Pair pair = rows.get(i % rows.size());
            offsets[i + 1] = offsets[i] + Math.min(i < rows.size() ? pair.source() : pair.target(), config.maxPositions());
        }
        int[] ids = new int[offsets[offsets.length - 1]];
        int[] positions = new int[ids.length];
        for (int i = 0, t = 0; t < ids.length; t++) {
            i += t == offsets[i + 1] ? 1 : 0;
            ids[t] = FIRST_ORDINARY_TOKEN + random.nextInt(config.vocabSize() - FIRST_ORDINARY_TOKEN);
            positions[t] = t - offsets[i];
        }
        int[] classes = new int[rows.size()];
        Arrays.setAll(classes, i -> random.nextInt(2));
        return new BenchBatch(ids, positions, offsets, classes);
    }
}
