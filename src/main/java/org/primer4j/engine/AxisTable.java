package org.primer4j.engine;

import java.nio.IntBuffer;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;

/** How many rows of each axis each lane has, as the table that kernels read: the first row of each lane, and the end of the last. */
final class AxisTable {

    private final Graph graph;
    private final int[][] offsets;

    AxisTable(Graph graph) {
        this.graph = graph;
        this.offsets = new int[graph.axes().size()][graph.lanes() + 1];
    }

    /** Bytes of the table, at the arena's start. */
    long bytes() {
        return (long) offsets.length * (graph.lanes() + 1) * Integer.BYTES;
    }

    /** Sets how many rows a lane has; lanes in ascending order. */
    void set(Axis axis, int lane, int rows) {
        if (!graph.axes().contains(axis)) {
            throw new IllegalArgumentException("the program has no axis " + axis + "; it has " + graph.axes());
        }
        if (lane < 0 || lane >= graph.lanes()) {
            throw new IndexOutOfBoundsException("lane " + lane + " of " + graph.lanes());
        }
        int[] lanes = offsets[axis.index()];
        if (rows < 0 || rows > axis.capacity() - lanes[lane]) {
            throw new IllegalArgumentException("lane " + lane + " cannot have " + rows + " rows: axis " + axis + " holds "
                + (axis.capacity() - lanes[lane]) + " more");
        }
        lanes[lane + 1] = lanes[lane] + rows;
    }

    /** First row of each lane, and the end of the last. */
    int[] offsets(Axis axis) {
        return offsets[axis.index()];
    }

    /** Writes the table for a run: another program may have run in the same memory since the last one. */
    void write(IntBuffer table) {
        table.clear();
        for (int[] lanes : offsets) {
            checkAscending(lanes);
            table.put(lanes);
        }
    }

    private static void checkAscending(int[] lanes) {
        for (int lane = 1; lane < lanes.length; lane++) {
            if (lanes[lane] < lanes[lane - 1]) {
                throw new IllegalStateException("the rows of lane " + (lane - 1) + " were set, those of later lanes were not");
            }
        }
    }
}
