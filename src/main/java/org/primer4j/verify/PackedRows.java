package org.primer4j.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;
import org.primer4j.model.io.SafetensorsFile;

/**
 * Padded rows {@code [B, T]} of token ids, packed without their padding.
 *
 * @param padded B T
 * @param places of the real tokens among them
 * @param ids token ids, [tokens]
 * @param offsets first token of each sequence, and the end of the last
 */
record PackedRows(int padded, int[] places, int[] ids, int[] offsets) {

    private static final String IDS = "in.input_ids";
    private static final String MASK = "in.attention_mask";

    /**
     * Reads the tokens of a case that its mask counts.
     *
     * @throws BadInputException when they make no batch
     */
    static PackedRows read(Path file, SafetensorsFile golden, int limit) {
        long[] shape = golden.info(IDS).shape();
        long[] ids = golden.longs(IDS);
        long[] mask = golden.longs(MASK);
        require(file, shape.length == 2 && mask.length == ids.length, IDS + " and " + MASK + " of one shape [B, T]");
        boolean[] real = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            real[i] = mask[i] != 0;
        }
        return of(file, shape, ids, real, limit);
    }

    /**
     * Packs rows.
     *
     * @param shape {@code [B, T]}
     * @param real whether each place holds a token
     * @throws BadInputException when a row is empty or an id is not below {@code limit}
     */
    static PackedRows of(Path file, long[] shape, long[] ids, boolean[] real, int limit) {
        int[] places = IntStream.range(0, ids.length).filter(i -> real[i]).toArray();
        int[] offsets = new int[(int) shape[0] + 1];
        for (int place : places) {
            offsets[place / (int) shape[1] + 1]++;
        }
        for (int row = 1; row < offsets.length; row++) {
            require(file, offsets[row] > 0, "at least one real token in row " + (row - 1));
        }
        Arrays.parallelPrefix(offsets, Integer::sum);
        int[] packed = Arrays.stream(places).map(place -> Math.toIntExact(ids[place])).toArray();
        require(file, Arrays.stream(packed).allMatch(id -> id >= 0 && id < limit), "ids below vocab_size " + limit);
        return new PackedRows(ids.length, places, packed, offsets);
    }

    static void require(Path file, boolean holds, String expected) {
        if (!holds) {
            throw new BadInputException(file + ": the inputs make no batch; expected " + expected + ".");
        }
    }

    int tokens() {
        return ids.length;
    }

    int sequences() {
        return offsets.length - 1;
    }

    int longest() {
        return IntStream.range(0, sequences()).map(n -> offsets[n + 1] - offsets[n]).max().orElse(0);
    }

    /** The rows with {@code count} virtual tokens, of ids from {@code first} on, before each; padded rows grow alike. */
    PackedRows withPrompt(int first, int count) {
        int[] moved = IntStream.rangeClosed(0, sequences()).map(n -> offsets[n] + n * count).toArray();
        int[] prompted = spread(ids, count, 0);
        int[] movedPlaces = new int[prompted.length];
        int columns = padded / sequences();
        for (int n = 0; n < sequences(); n++) {
            for (int t = moved[n]; t < moved[n + 1]; t++) {
                int virtual = t - moved[n];
                boolean real = virtual >= count;
                prompted[t] = real ? prompted[t] : first + virtual;
                movedPlaces[t] = n * (columns + count) + (real ? places[t - (n + 1) * count] % columns + count : virtual);
            }
        }
        return new PackedRows(padded + sequences() * count, movedPlaces, prompted, moved);
    }

    /** Numbers of the tokens, with {@code count} times {@code fill} before each sequence's. */
    int[] spread(int[] values, int count, int fill) {
        int[] spread = new int[values.length + sequences() * count];
        Arrays.fill(spread, fill);
        for (int n = 0; n < sequences(); n++) {
            System.arraycopy(values, offsets[n], spread, offsets[n] + (n + 1) * count, offsets[n + 1] - offsets[n]);
        }
        return spread;
    }

    /** Position ids, which in each sequence count from {@code first} on. */
    int[] positions(int first) {
        int[] positions = new int[ids.length];
        for (int n = 0; n < sequences(); n++) {
            for (int t = offsets[n]; t < offsets[n + 1]; t++) {
                positions[t] = first + t - offsets[n];
            }
        }
        return positions;
    }
}
