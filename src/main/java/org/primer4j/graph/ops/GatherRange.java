package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Rows of a table that holds the indices {@code first, first + 1, ...} of a larger numbering: {@code y_r = table[index_r - first]},
 * zeros where the index is none of the table's. {@code table [V, d], index [R] -> [R, d]}; kernels in {@code gather_range.cpp}.
 */
public record GatherRange(int first) implements Op {

    @Override
    public String name() {
        return "gather_range";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape table = inputs.get(0).shape(), index = inputs.get(1).shape();
        if (table.axis() != null || index.axis() == null || index.cols() != 1) {
            throw new ShapeException("gather_range cannot take rows of " + table + " by indices of shape " + index);
        }
        return List.of(index.withCols(table.cols()));
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {first};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        return Arrays.asList(Scatter.of(first, upstream.get(0), node.input(1), node.input(0)), null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies it. */
    public static Value of(int first, Value table, Value index) {
        return table.graph().add(new GatherRange(first), table, index).output(0);
    }

    /**
     * The adjoint: rows added up at their indices, into zeros of the table's shape, of all lanes where they share it; rows of other indices
     * are left out.
     */
    public record Scatter(int first, Shape table) implements Op {

        @Override
        public String name() {
            return "scatter_range";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            if (inputs.get(0).cols() != table.cols()) {
                throw new ShapeException("scatter_range cannot add rows of " + inputs.get(0).shape() + " to " + table);
            }
            return List.of(table);
        }

        @Override
        public long[] integers(Node node) {
            return new long[] {first};
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            return Arrays.asList(GatherRange.of(first, upstream.get(0), node.input(1)), null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.linear(node, tangents);
        }

        /** Gradient of {@code table}. */
        static Value of(int first, Value rows, Value index, Value table) {
            return rows.graph().add(new Scatter(first, table.shape()), rows, index).output(0);
        }
    }
}
