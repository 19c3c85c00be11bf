package org.primer4j.graph.ops;

import java.util.List;
import java.util.Locale;
import org.primer4j.graph.Axis;
import org.primer4j.graph.Op;
import org.primer4j.graph.Node;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Sums along rows, columns or lanes and their adjoints, in pairs; kernels in {@code broadcast.cpp}.
 *
 * @param kind which
 * @param axis the axis of the result's rows, for BROADCAST_ROWS; else null
 * @param cols the result's columns, for BROADCAST_COLS; else 0
 */
public record Broadcast(Kind kind, Axis axis, int cols) implements Op {

    /** Which sum or broadcast. */
    public enum Kind {
        SUM_ROWS, BROADCAST_ROWS, SUM_COLS, BROADCAST_COLS, SUM_LANES, BROADCAST_LANES
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape();
        boolean fits = switch (kind) {
            case SUM_ROWS, SUM_COLS -> x.axis() != null;
            case BROADCAST_ROWS -> x.axis() == null && x.rows() == 1;
            case BROADCAST_COLS -> x.axis() != null && x.cols() == 1;
            case SUM_LANES -> x.laned();
            case BROADCAST_LANES -> x.axis() == null && !x.laned();
        };
        if (!fits) {
            throw new ShapeException(name() + " does not take the shape " + x);
        }
        return List.of(switch (kind) {
            case SUM_ROWS -> Shape.laned(1, x.cols());
            case BROADCAST_ROWS -> Shape.along(axis, x.cols());
            case SUM_COLS -> x.withCols(1);
            case BROADCAST_COLS -> x.withCols(cols);
            case SUM_LANES -> Shape.shared(x.rows(), x.cols());
            case BROADCAST_LANES -> Shape.laned(x.rows(), x.cols());
        });
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Shape x = node.input(0).shape();
        Value dy = upstream.get(0);
        return List.of(switch (kind) {
            case SUM_ROWS -> of(Kind.BROADCAST_ROWS, dy, x.axis(), 0);
            case BROADCAST_ROWS -> likeWeight(of(Kind.SUM_ROWS, dy, null, 0), node.input(0));
            case SUM_COLS -> of(Kind.BROADCAST_COLS, dy, null, x.cols());
            case BROADCAST_COLS -> of(Kind.SUM_COLS, dy, null, 0);
            case SUM_LANES -> of(Kind.BROADCAST_LANES, dy, null, 0);
            case BROADCAST_LANES -> of(Kind.SUM_LANES, dy, null, 0);
        });
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies one. */
    public static Value of(Kind kind, Value x, Axis axis, int cols) {
        return x.graph().add(new Broadcast(kind, axis, cols), x).output(0);
    }

    /** A gradient with one copy a lane, summed over lanes when the weight it belongs to is shared by them. */
    static Value likeWeight(Value gradient, Value weight) {
        return weight.shape().laned() ? gradient : of(Kind.SUM_LANES, gradient, null, 0);
    }
}
