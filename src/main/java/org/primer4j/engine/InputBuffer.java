package org.primer4j.engine;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;

/**
 * One batch input of a program. Numbers are put into native memory at once; whole numbers that kernels use as addresses
 * are checked when the program runs.
 */
public final class InputBuffer {

    private final Program owner;
    private final Leaf leaf;
    private final ByteBuffer bytes;
    private final FloatBuffer floats;
    private final DoubleBuffer doubles;
    private final IntBuffer integers;

    InputBuffer(Program owner, Value value, ByteBuffer bytes) {
        this.owner = owner;
        this.leaf = (Leaf) value.node().op();
        this.bytes = bytes;
        this.floats = leaf.leafType() == DType.F32 ? bytes.asFloatBuffer() : null;
        this.doubles = leaf.leafType() == DType.F64 ? bytes.asDoubleBuffer() : null;
        this.integers = leaf.leafType() == DType.I32 ? bytes.asIntBuffer() : null;
    }

    /** Numbers the input has room for, at least. */
    public int capacity() {
        return bytes.capacity() / leaf.leafType().bytes();
    }

    /** Puts one whole number. */
    public void put(int index, int value) {
        synchronized (owner) {
            owner.checkUsable();
            expect(DType.I32).put(index, value);
        }
    }

    /** Puts the first {@code count} whole numbers, at {@code index}. */
    public void put(int index, int[] values, int count) {
        synchronized (owner) {
            owner.checkUsable();
            expect(DType.I32).put(index, values, 0, count);
        }
    }

    /** Puts one float. */
    public void put(int index, float value) {
        synchronized (owner) {
            owner.checkUsable();
            expectFloats().put(index, value);
        }
    }

    /** Puts floats from {@code index} on. */
    public void put(int index, float[] values) {
        synchronized (owner) {
            owner.checkUsable();
            expectFloats().put(index, values);
        }
    }

    /** Puts one double, in a float64 program. */
    public void put(int index, double value) {
        synchronized (owner) {
            owner.checkUsable();
            expectDoubles().put(index, value);
        }
    }

    private IntBuffer expect(DType type) {
        if (leaf.leafType() != type) {
            throw new IllegalArgumentException("input " + leaf.leafName() + " holds " + leaf.leafType() + ", not " + type);
        }
        return integers;
    }

    private FloatBuffer expectFloats() {
        if (floats == null) {
            throw new IllegalArgumentException("input " + leaf.leafName() + " holds " + leaf.leafType() + ", not F32");
        }
        return floats;
    }

    private DoubleBuffer expectDoubles() {
        if (doubles == null) {
            throw new IllegalArgumentException("input " + leaf.leafName() + " holds " + leaf.leafType() + ", not F64");
        }
        return doubles;
    }

    boolean hasLimits() {
        return leaf.limits() != null && !(leaf.limits() instanceof IndexLimits.Free);
    }

    /** Throws when a number breaks its limits. */
    void check() {
        IndexLimits limits = leaf.limits();
        if (limits instanceof IndexLimits.Below below) {
            checkBelow(0, owner.rows(leaf.shape().axis()), 0, below.limit());
        } else if (limits instanceof IndexLimits.RowOf rows) {
            checkRows(rows.axis());
        } else if (limits instanceof IndexLimits.Offsets offsets) {
            checkOffsets(offsets);
        } else if (limits instanceof IndexLimits.WithinSegment within) {
            checkWithin(owner.input(((Leaf) within.offsets().node().op()).leafName()).integers);
        }
    }

    private void checkBelow(int begin, int end, int least, int limit) {
        for (int i = begin; i < end; i++) {
            int value = integers.get(i);
            if (value < least || value >= limit) {
                throw refuse(i, value, "outside [" + least + ", " + limit + ")");
            }
        }
    }

    private void checkRows(Axis target) {
        int[] mine = owner.laneOffsets(leaf.shape().axis());
        int[] theirs = owner.laneOffsets(target);
        for (int lane = 0; lane + 1 < mine.length; lane++) {
            checkBelow(mine[lane], mine[lane + 1], theirs[lane], theirs[lane + 1]);
        }
    }

    private void checkOffsets(IndexLimits.Offsets offsets) {
        int[] segments = owner.laneOffsets(leaf.shape().axis());
        int[] rows = owner.laneOffsets(offsets.target());
        for (int lane = 0; lane + 1 < segments.length; lane++) {
            if (integers.get(segments[lane]) != rows[lane] || integers.get(segments[lane + 1]) != rows[lane + 1]) {
                throw refuse(segments[lane], integers.get(segments[lane]), "not the bounds [" + rows[lane] + ", " + rows[lane + 1]
                    + "] of lane " + lane + "'s rows along " + offsets.target());
            }
        }
        for (int i = 0; i < segments[segments.length - 1]; i++) {
            int length = integers.get(i + 1) - integers.get(i);
            if (length < offsets.shortest() || length > offsets.longest()) {
                throw refuse(i, integers.get(i), "the start of a segment of " + length + " rows, not of " + offsets.shortest() + " to " + offsets.longest());
            }
        }
    }

    /** Segments that an offsets input has in this batch. */
    int segments() {
        return owner.rows(leaf.shape().axis());
    }

    /** Rows of a segment of an offsets input. */
    int length(int segment) {
        return integers.get(segment + 1) - integers.get(segment);
    }

    /** A whole number that was put. */
    int integer(int index) {
        return integers.get(index);
    }

    private void checkWithin(IntBuffer offsets) {
        int rows = owner.rows(leaf.shape().axis());
        for (int i = 0; i < rows; i++) {
            int length = offsets.get(i + 1) - offsets.get(i);
            int value = integers.get(i);
            if (value < 0 || value >= length) {
                throw refuse(i, value, "outside its segment of " + length + " rows");
            }
        }
    }

    private IllegalArgumentException refuse(int index, int value, String why) {
        return new IllegalArgumentException("input " + leaf.leafName() + "[" + index + "] = " + value + " is " + why);
    }
}
