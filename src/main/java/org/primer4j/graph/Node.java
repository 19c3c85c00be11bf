package org.primer4j.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** One use of an op in a graph. Inputs and outputs may hold null where an optional one is left out. */
public final class Node {

    private final Graph graph;
    private final int id;
    private final int rank;
    private final Op op;
    private final Stage stage;
    private final List<Value> inputs;
    private final List<Value> outputs;

    Node(Graph graph, int id, int rank, Op op, Stage stage, List<Value> inputs, List<Shape> shapes) {
        this.graph = graph;
        this.id = id;
        this.rank = rank;
        this.op = op;
        this.stage = stage;
        this.inputs = Collections.unmodifiableList(Arrays.asList(inputs.toArray(new Value[0])));
        List<Value> made = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            made.add(shapes.get(i) == null ? null : new Value(this, i, shapes.get(i), op.dtype(i, graph.dtype())));
        }
        this.outputs = Collections.unmodifiableList(made);
    }

    public Graph graph() {
        return graph;
    }

    /** Place in the graph's order; inputs always come from smaller ids. */
    public int id() {
        return id;
    }

    /** Place in the order of running; nodes of one rank run in the order of their ids. */
    public int rank() {
        return rank;
    }

    public Op op() {
        return op;
    }

    public Stage stage() {
        return stage;
    }

    public List<Value> inputs() {
        return inputs;
    }

    public Value input(int i) {
        return inputs.get(i);
    }

    public List<Value> outputs() {
        return outputs;
    }

    public Value output(int i) {
        return outputs.get(i);
    }

    @Override
    public String toString() {
        return op.name() + "#" + id + " of " + inputs;
    }
}
