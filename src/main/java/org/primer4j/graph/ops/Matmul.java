package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Products of rows and weights that turn into each other under differentiation; kernels in {@code matmul.cpp}. */
public record Matmul(Kind kind) implements Op {

    /** Which product. */
    public enum Kind {
        /** x W^T. */
        MATMUL_NT,
        /** x W. */
        MATMUL_NN,
        /** a^T b within each lane. */
        MATMUL_TN
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape a = inputs.get(0).shape(), b = inputs.get(1).shape();
        boolean fits = a.axis() != null && switch (kind) {
            case MATMUL_NT -> b.axis() == null && b.cols() == a.cols();
            case MATMUL_NN -> b.axis() == null && b.rows() == a.cols();
            case MATMUL_TN -> a.axis().equals(b.axis());
        };
        if (!fits) {
            throw new ShapeException(name() + " cannot multiply " + a + " and " + b);
        }
        return List.of(switch (kind) {
            case MATMUL_NT -> a.withCols(b.rows());
            case MATMUL_NN -> a.withCols(b.cols());
            case MATMUL_TN -> Shape.laned(a.cols(), b.cols());
        });
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value a = node.input(0), b = node.input(1), dy = upstream.get(0);
        return switch (kind) {
            case MATMUL_NT -> pair(needed, () -> nn(dy, b), () -> Broadcast.likeWeight(tn(dy, a), b));
            case MATMUL_NN -> pair(needed, () -> nt(dy, b), () -> Broadcast.likeWeight(tn(a, dy), b));
            case MATMUL_TN -> pair(needed, () -> nt(b, dy), () -> nn(a, dy));
        };
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.bilinear(node, tangents);
    }

    private static List<Value> pair(boolean[] needed, Supplier<Value> first, Supplier<Value> second) {
        return Arrays.asList(needed[0] ? first.get() : null, needed[1] ? second.get() : null);
    }

    /** x W^T. */
    public static Value nt(Value x, Value weight) {
        return x.graph().add(new Matmul(Kind.MATMUL_NT), x, weight).output(0);
    }

    /** x W. */
    public static Value nn(Value x, Value weight) {
        return x.graph().add(new Matmul(Kind.MATMUL_NN), x, weight).output(0);
    }

    /** a^T b. */
    public static Value tn(Value a, Value b) {
        return a.graph().add(new Matmul(Kind.MATMUL_TN), a, b).output(0);
    }
}
