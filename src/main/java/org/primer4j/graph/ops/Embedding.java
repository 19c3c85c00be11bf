package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.add;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Sum of three embeddings (Devlin et al. 2019, fig. 2): {@code y_t = word[ids_t] + position[positions_t] + type[types_t]}.
 * Inputs: the tables {@code [V, d], [P, d], [Y, d]}, then ids, positions, types, one whole number a row; output {@code [T, d]}.
 */
public record Embedding() implements Op.Fused {

    private static final int TABLES = 3;

    @Override
    public String name() {
        return "embedding";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        int d = inputs.get(0).cols();
        for (int i = 0; i < TABLES; i++) {
            Shape table = inputs.get(i).shape(), index = inputs.get(TABLES + i).shape();
            if (table.cols() != d || index.axis() == null || !index.equals(inputs.get(TABLES).shape())) {
                throw new ShapeException("embedding of width " + d + " does not take the table " + table + " with the indices " + index);
            }
            Indices.checkRows(name(), inputs.get(TABLES + i), table);
        }
        return List.of(inputs.get(TABLES).shape().withCols(d));
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        List<Value> gradients = new ArrayList<>(Arrays.asList(null, null, null, null, null, null));
        for (int i = 0; i < TABLES; i++) {
            if (needed[i]) {
                gradients.set(i, GatherRows.Scatter.of(upstream.get(0), node.input(TABLES + i), node.input(i)));
            }
        }
        return gradients;
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value word = GatherRows.of(inputs.get(0), inputs.get(3)), position = GatherRows.of(inputs.get(1), inputs.get(4));
        return List.of(add(add(word, position), GatherRows.of(inputs.get(2), inputs.get(5))));
    }
}
