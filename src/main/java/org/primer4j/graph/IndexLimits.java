package org.primer4j.graph;

/** What the whole numbers of a batch input must fulfil; checked in Java before a kernel uses one as an address. */
public sealed interface IndexLimits {

    /** Each lies in [0, limit). */
    record Below(int limit) implements IndexLimits {}

    /** Each is a row of {@code axis} in the same lane. */
    record RowOf(Axis axis) implements IndexLimits {}

    /**
     * They cut {@code target} into segments, one for each row: ascending from 0 to the target's size, each segment with
     * {@code shortest} to {@code longest} rows, all of one lane.
     */
    record Offsets(Axis target, int shortest, int longest) implements IndexLimits {

        /** Segments of at least one row. */
        public Offsets(Axis target, int longest) {
            this(target, 1, longest);
        }
    }

    /** Each is a place within the row's own segment of {@code offsets}. */
    record WithinSegment(Value offsets) implements IndexLimits {}

    /** Any number: not used as an address. */
    record Free() implements IndexLimits {}
}
