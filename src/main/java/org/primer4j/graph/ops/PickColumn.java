package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;

/** One column of each row: {@code y_t = x[t, column_t]}, {@code [T, V] -> [T, 1]}; kernels in {@code pick_column.cpp}. */
public record PickColumn() implements Op {

    @Override
    public String name() {
        return "pick_column";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Indices.checkColumns(name(), inputs.get(1), inputs.get(0).shape());
        return List.of(inputs.get(0).shape().withCols(1));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value x = node.input(0);
        return Arrays.asList(x.graph().add(new Place(x.cols()), upstream.get(0), node.input(1)).output(0), null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies it. */
    public static Value of(Value x, Value column) {
        return x.graph().add(new PickColumn(), x, column).output(0);
    }

    /** The adjoint: {@code y[t, column_t] = x_t}, zeros elsewhere. */
    public record Place(int cols) implements Op {

        @Override
        public String name() {
            return "place_column";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(0).shape().withCols(cols));
        }

        @Override
        public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
            return Arrays.asList(PickColumn.of(upstream.get(0), node.input(1)), null);
        }

        @Override
        public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
            return Tangents.linear(node, tangents);
        }
    }
}
