package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Rows of a table by their index, {@code table [V, d], index [R] -> [R, d]}; kernel in {@code gather_rows.cpp}. */
public record GatherRows() implements Op {

    @Override
    public String name() {
        return "gather_rows";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape index = inputs.get(1).shape();
        if (index.axis() == null || index.cols() != 1) {
            throw new ShapeException("gather_rows needs one index a row, not " + index);
        }
        Indices.checkRows(name(), inputs.get(1), inputs.get(0).shape());
        return List.of(index.withCols(inputs.get(0).cols()));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        return Arrays.asList(Scatter.of(upstream.get(0), node.input(1), node.input(0)), null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies it. */
    public static Value of(Value table, Value index) {
        return table.graph().add(new GatherRows(), table, index).output(0);
    }

    /** The adjoint: rows added up at their indices, into zeros of the table's shape, of all lanes where they share it. */
    public record Scatter(Shape table) implements Op {

        @Override
        public String name() {
            return "scatter_rows";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            if (inputs.get(0).cols() != table.cols()) {
                throw new ShapeException("scatter_rows cannot add rows of " + inputs.get(0).shape() + " to " + table);
            }
            return List.of(table);
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            return Arrays.asList(GatherRows.of(upstream.get(0), node.input(1)), null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.linear(node, tangents);
        }

        /** Gradient of {@code table}. */
        static Value of(Value rows, Value index, Value table) {
            return rows.graph().add(new Scatter(table.shape()), rows, index).output(0);
        }
    }
}
