package org.primer4j.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.primer4j.model.io.BartConfig;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.random.Philox;

/** Rows of random token ids for a model that writes, in the peer's batches. */
final class Seq2SeqBatches {

    private static final int FIRST_ORDINARY_TOKEN = 4;

    private Seq2SeqBatches() {}

    /**
     * The batches of a run.
     *
     * @param lengths as {@link Lengths#read} takes them
     * @param longestSource rows are cut to it
     * @param longestTarget likewise
     */
    static List<List<Seq2SeqExample>> draw(String lengths, int count, int size, BartConfig config, int longestSource, int longestTarget, int seed) {
        Philox random = new Philox(seed, "bench.ids");
        List<Seq2SeqExample> rows = Lengths.order(Lengths.read(lengths), count * size, seed).stream()
            .map(pair -> new Seq2SeqExample(ids(Math.min(pair.source(), longestSource), config, random),
                ids(Math.min(pair.target(), longestTarget), config, random), "")).toList();
        return IntStream.range(0, count).mapToObj(i -> rows.subList(i * size, (i + 1) * size)).toList();
    }

    /** Random ids of ordinary tokens. */
    static int[] ids(int length, BartConfig config, Philox random) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> FIRST_ORDINARY_TOKEN + random.nextInt(config.vocabSize() - FIRST_ORDINARY_TOKEN));
        return ids;
    }
}
