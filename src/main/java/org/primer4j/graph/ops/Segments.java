package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Sums over segments of rows and their adjoint; kernels in {@code segments.cpp}. */
public record Segments(Kind kind) implements Op {

    /** Which. */
    public enum Kind {
        /** {@code [T, d] -> [N, d]}. */
        SEGMENT_SUM,
        /** {@code [N, d] -> [T, d]}. */
        SEGMENT_BROADCAST,
        /** {@code [T, d] -> [N, d]}, a constant to differentiation: only for shifts that cancel, as in a softmax. */
        SEGMENT_MAX
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape(), offsets = inputs.get(1).shape();
        IndexLimits.Offsets cut = offsetsOf(inputs.get(1));
        Shape rows = kind == Kind.SEGMENT_BROADCAST ? Shape.along(offsets.axis(), x.cols()) : Shape.along(cut.target(), x.cols());
        if (!x.equals(rows)) {
            throw new ShapeException(name() + " with offsets from " + offsets + " to " + cut.target() + " does not take the shape " + x);
        }
        return List.of(kind == Kind.SEGMENT_BROADCAST ? Shape.along(cut.target(), x.cols()) : Shape.along(offsets.axis(), x.cols()));
    }

    /** What an offsets input cuts, into segments that are not empty. */
    static IndexLimits.Offsets offsetsOf(Value offsets) {
        IndexLimits.Offsets cut = raggedOffsetsOf(offsets);
        if (cut.shortest() < 1) {
            throw new ShapeException(offsets + " may cut empty segments, which this op does not take");
        }
        return cut;
    }

    /** What an offsets input cuts. */
    static IndexLimits.Offsets raggedOffsetsOf(Value offsets) {
        if (offsets.node().op() instanceof Leaf leaf && leaf.limits() instanceof IndexLimits.Offsets cut) {
            return cut;
        }
        throw new ShapeException(offsets + " is no offsets input");
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value dy = upstream.get(0), offsets = node.input(1);
        return Arrays.asList(switch (kind) {
            case SEGMENT_SUM -> of(Kind.SEGMENT_BROADCAST, dy, offsets);
            case SEGMENT_BROADCAST -> of(Kind.SEGMENT_SUM, dy, offsets);
            case SEGMENT_MAX -> null;
        }, null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return kind == Kind.SEGMENT_MAX ? Collections.singletonList(null) : Tangents.linear(node, tangents);
    }

    /** Applies one. */
    public static Value of(Kind kind, Value x, Value offsets) {
        return x.graph().add(new Segments(kind), x, offsets).output(0);
    }
}
