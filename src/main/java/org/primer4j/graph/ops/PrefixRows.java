package org.primer4j.graph.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Rows of a lane's prefix before the rows of each of its sequences, and the two adjoints; kernels in {@code prefix_rows.cpp}. The
 * inputs end with the offsets of the sequences without and with the prefix.
 *
 * @param kind which
 * @param rows rows of the prefix
 */
public record PrefixRows(Kind kind, int rows) implements Op {

    /** Which. */
    public enum Kind {
        /** {@code p [P, d] a lane or none, x [T, d] or none -> [T + P N, d]}: each sequence becomes the prefix and its own rows; none is zeros. */
        PREFIX_PREPEND,
        /** {@code y [T + P N, d] -> [T, d]}: the sequences' own rows. */
        PREFIX_DROP,
        /** {@code y [T + P N, d] -> [P, d]} a lane: the sum of the prefix's rows over the lane's sequences. */
        PREFIX_SUM
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        int at = inputs.size() - 2;
        Value shortOffsets = inputs.get(at), longOffsets = inputs.get(at + 1);
        if (!shortOffsets.shape().equals(longOffsets.shape())) {
            throw new ShapeException(name() + " is given offsets of the sequences " + shortOffsets.shape() + " and " + longOffsets.shape());
        }
        Value x = kind == Kind.PREFIX_PREPEND && inputs.get(1) != null ? inputs.get(1) : inputs.get(0);
        Shape own = Shape.along(Segments.offsetsOf(shortOffsets).target(), x.cols()), all = Shape.along(Segments.offsetsOf(longOffsets).target(), x.cols());
        Shape prefix = Shape.laned(rows, x.cols());
        List<Shape> expected = kind == Kind.PREFIX_PREPEND ? List.of(prefix, own) : List.of(all);
        for (int i = 0; i < expected.size(); i++) {
            if (inputs.get(i) != null && !inputs.get(i).shape().equals(expected.get(i))) {
                throw new ShapeException(name() + " of " + rows + " rows does not take " + inputs.get(i).shape() + ", but " + expected.get(i));
            }
        }
        return List.of(kind == Kind.PREFIX_PREPEND ? all : kind == Kind.PREFIX_DROP ? own : prefix);
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {rows};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0);
        int at = node.inputs().size() - 2;
        Value without = node.input(at), with = node.input(at + 1);
        return switch (kind) {
            case PREFIX_PREPEND -> Arrays.asList(needed[0] ? of(Kind.PREFIX_SUM, dy, without, with) : null,
                needed[1] ? of(Kind.PREFIX_DROP, dy, without, with) : null, null, null);
            case PREFIX_DROP -> Arrays.asList(of(Kind.PREFIX_PREPEND, null, dy, without, with), null, null);
            case PREFIX_SUM -> Arrays.asList(of(Kind.PREFIX_PREPEND, dy, null, without, with), null, null);
        };
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        List<Value> inputs = new ArrayList<>(tangents.subList(0, tangents.size() - 2));
        inputs.addAll(node.inputs().subList(inputs.size(), tangents.size()));
        return node.graph().append(this, inputs).outputs();
    }

    /** The prefix before each sequence of {@code x}. */
    static Value prepend(Value prefix, Value x, Value without, Value with) {
        return x.graph().add(new PrefixRows(Kind.PREFIX_PREPEND, prefix.shape().rows()), prefix, x, without, with).output(0);
    }

    private Value of(Kind next, Value... inputs) {
        return inputs[inputs.length - 1].graph().add(new PrefixRows(next, rows), inputs).output(0);
    }
}
