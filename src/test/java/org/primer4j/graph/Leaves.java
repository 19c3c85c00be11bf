package org.primer4j.graph;

import java.util.ArrayList;
import java.util.List;

/** Declares an op's operands in a graph and remembers which ones to differentiate by. */
public final class Leaves {

    private final Graph graph;
    private final Batch capacity;
    private final List<Value> wanted = new ArrayList<>();

    /** @param capacity the largest batch that will be run */
    public Leaves(Graph graph, Batch capacity) {
        this.graph = graph;
        this.capacity = capacity;
    }

    public Graph graph() {
        return graph;
    }

    List<Value> wanted() {
        return wanted;
    }

    public Axis axis(String name) {
        return graph.axis(name, Math.max(1, capacity.total(name)));
    }

    /** {@code [tokens, cols]}, differentiated. */
    public Value x(String name, int cols) {
        return rows(name, Batch.TOKENS, cols);
    }

    /** {@code [axis, cols]}, differentiated. */
    public Value rows(String name, String axis, int cols) {
        return wanted(constant(name, axis, cols));
    }

    /** {@code [axis, cols]}, not differentiated. */
    public Value constant(String name, String axis, int cols) {
        return graph.input(name, Shape.along(axis(axis), cols));
    }

    /** One copy a lane, differentiated. */
    public Value parameter(String name, int rows, int cols) {
        return wanted(graph.parameter(name, rows, cols));
    }

    /** Frozen and shared, not differentiated. */
    public Value frozen(String name, int rows, int cols) {
        return graph.weight(name, rows, cols);
    }

    /** One copy for all lanes, differentiated. */
    public Value shared(String name, int rows, int cols) {
        return wanted(graph.shared(name, rows, cols));
    }

    /** Whole numbers below a limit. */
    public Value below(String name, String axis, int limit) {
        return graph.indices(name, axis(axis), new IndexLimits.Below(limit));
    }

    /** Rows of another axis. */
    public Value rowsOf(String name, String axis, String target) {
        return graph.indices(name, axis(axis), new IndexLimits.RowOf(axis(target)));
    }

    /** The sequences' offsets. */
    public Value sequences() {
        return offsets(Batch.SEQUENCES, Batch.TOKENS);
    }

    /** Offsets that cut an axis into segments. */
    public Value offsets(String axis, String target) {
        return graph.offsets(axis + "_of_" + target, axis(axis), axis(target), capacity.longest(axis, target));
    }

    /** A place within each segment. */
    public Value within(String name, Value offsets) {
        return graph.indices(name, offsets.shape().axis(), new IndexLimits.WithinSegment(offsets));
    }

    private Value wanted(Value value) {
        wanted.add(value);
        return value;
    }
}
