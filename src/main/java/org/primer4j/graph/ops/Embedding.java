package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.scale;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Sum of embeddings (Devlin et al. 2019, fig. 2): {@code y_t = s word[ids_t] + position[positions_t] + type[types_t]}. Ids from V on
 * are virtual tokens (Lester et al. 2021): they take {@code prompt[ids_t - V]} instead of a word, unscaled.
 * Inputs: the tables {@code [V, d], [P, d], [Y, d], [Q, d]}, then ids, positions, types, one whole number a row; all but word and ids
 * may be null, a table together with its indices. Output {@code [T, d]}.
 *
 * @param wordScale s
 */
public record Embedding(double wordScale) implements Op.Fused {

    private static final int WORD = 0;
    private static final int POSITION = 1;
    private static final int TYPE = 2;
    private static final int PROMPT = 3;
    private static final int IDS = 4;
    private static final int POSITIONS = 5;
    private static final int TYPES = 6;

    @Override
    public String name() {
        return "embedding";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Value word = inputs.get(WORD), prompt = inputs.get(PROMPT), ids = inputs.get(IDS);
        check(word, ids, ids, word.cols());
        check(inputs.get(POSITION), inputs.get(POSITIONS), ids, word.cols());
        check(inputs.get(TYPE), inputs.get(TYPES), ids, word.cols());
        if (prompt != null && (prompt.shape().axis() != null || prompt.cols() != word.cols())) {
            throw new ShapeException("embedding of width " + word.cols() + " does not take the prompt " + prompt.shape());
        }
        int virtual = prompt == null ? 0 : prompt.shape().rows();
        Indices.checkRows(name(), ids, Shape.shared(Math.addExact(word.shape().rows(), virtual), word.cols()));
        checkRows(inputs.get(POSITION), inputs.get(POSITIONS));
        checkRows(inputs.get(TYPE), inputs.get(TYPES));
        return List.of(ids.shape().withCols(word.cols()));
    }

    private static void check(Value table, Value index, Value ids, int d) {
        if (table == null && index == null) {
            return;
        }
        if (table == null || index == null) {
            throw new ShapeException("embedding needs a table together with its indices, not " + table + " with " + index);
        }
        if (table.shape().axis() != null || table.cols() != d || index.shape().axis() == null || !index.shape().equals(ids.shape())) {
            throw new ShapeException("embedding of width " + d + " does not take the table " + table.shape() + " with the indices " + index.shape());
        }
    }

    private void checkRows(Value table, Value index) {
        if (table != null) {
            Indices.checkRows(name(), index, table.shape());
        }
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {wordScale};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0), word = node.input(WORD), ids = node.input(IDS);
        return Arrays.asList(
            needed[WORD] ? scaled(GatherRange.Scatter.of(0, dy, ids, word)) : null,
            needed[POSITION] ? GatherRows.Scatter.of(dy, node.input(POSITIONS), node.input(POSITION)) : null,
            needed[TYPE] ? GatherRows.Scatter.of(dy, node.input(TYPES), node.input(TYPE)) : null,
            needed[PROMPT] ? GatherRange.Scatter.of(word.shape().rows(), dy, ids, node.input(PROMPT)) : null,
            null, null, null);
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        return List.of(gathered(inputs, inputs));
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return List.of(gathered(tangents, node.inputs()));
    }

    @Override
    public boolean hasTangents() {
        return true;
    }

    // The sum of what is taken from these tables, each of which may be null.
    private Value gathered(List<Value> tables, List<Value> inputs) {
        Value ids = inputs.get(IDS);
        int words = inputs.get(WORD).shape().rows();
        Value sum = Tangents.of(tables.get(WORD), t -> scaled(GatherRange.of(0, t, ids)));
        sum = Tangents.sum(sum, Tangents.of(tables.get(PROMPT), t -> GatherRange.of(words, t, ids)));
        sum = Tangents.sum(sum, Tangents.of(tables.get(POSITION), t -> GatherRows.of(t, inputs.get(POSITIONS))));
        return Tangents.sum(sum, Tangents.of(tables.get(TYPE), t -> GatherRows.of(t, inputs.get(TYPES))));
    }

    private Value scaled(Value value) {
        return wordScale == 1 ? value : scale(value, wordScale);
    }
}
