package org.primer4j.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The sizes of one batch: rows of every axis and lengths of every kind of segment, by lane.
 *
 * @param lanes which lanes' data it holds: a batch of lane 2 alone has the data that lane 2 has in a pack of three
 * @param rows by axis, rows of each lane
 * @param segments their lengths in each lane, by axis of the segments and by that and the axis they cut
 */
public record Batch(int[] lanes, Map<String, int[]> rows, Map<String, int[][]> segments) {

    public static final String TOKENS = "tokens";
    public static final String SEQUENCES = "sequences";
    /** Pairs of attention among each sequence's own tokens. */
    public static final String PAIRS = "attention.pairs:sequences_of_tokens:sequences_of_tokens";

    /** Sequences of these lengths in each lane, with attention's pairs. */
    public static Batch of(int[]... lengths) {
        Batch batch = new Batch(IntStream.range(0, lengths.length).toArray(), new LinkedHashMap<>(), new LinkedHashMap<>());
        batch.cut(SEQUENCES, TOKENS, lengths);
        // Each query has as many pairs as its sequence has keys.
        batch.cut(TOKENS, PAIRS, map(lengths, lane -> Arrays.stream(lane).flatMap(n -> IntStream.generate(() -> n).limit(n)).toArray()));
        return batch;
    }

    /** Adds an axis. */
    public Batch with(String axis, int... rowsOfLanes) {
        rows.put(axis, rowsOfLanes);
        return this;
    }

    /** Adds an axis whose rows are segments of another. */
    public Batch cut(String axis, String target, int[]... lengths) {
        segments.put(axis, lengths);
        segments.put(key(axis, target), lengths);
        rows.put(axis, Arrays.stream(lengths).mapToInt(lane -> lane.length).toArray());
        rows.put(target, Arrays.stream(lengths).mapToInt(lane -> Arrays.stream(lane).sum()).toArray());
        return this;
    }

    /** The same for one lane. */
    public Batch alone(int lane) {
        Batch one = new Batch(new int[] {lanes[lane]}, new LinkedHashMap<>(), new LinkedHashMap<>());
        rows.forEach((axis, counts) -> one.rows.put(axis, new int[] {counts[lane]}));
        segments.forEach((axis, lengths) -> one.segments.put(axis, new int[][] {lengths[lane]}));
        return one;
    }

    public int laneCount() {
        return lanes.length;
    }

    public int rows(String axis, int lane) {
        return rows.get(axis)[lane];
    }

    public int total(String axis) {
        return Arrays.stream(rows.get(axis)).sum();
    }

    /** Rows of the lanes before this one. */
    public int first(String axis, int lane) {
        return Arrays.stream(rows.get(axis)).limit(lane).sum();
    }

    private static String key(String axis, String target) {
        return axis + " of " + target;
    }

    /** Lengths of the segments that one axis cuts another into, by lane. */
    public int[][] lengths(String axis, String target) {
        return segments.get(key(axis, target));
    }

    /** Rows of the longest segment. */
    public int longest(String axis, String target) {
        return Arrays.stream(lengths(axis, target)).flatMapToInt(Arrays::stream).max().orElse(1);
    }

    private static int[][] map(int[][] lanes, UnaryOperator<int[]> f) {
        return Arrays.stream(lanes).map(f).toArray(int[][]::new);
    }

    @Override
    public String toString() {
        return Arrays.deepToString(lengths(SEQUENCES, TOKENS)) + (laneCount() == 1 ? " (lane " + lanes[0] + ")" : "");
    }
}
