package org.primer4j.graph.ops;

import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Refuses whole numbers whose declared limits let a kernel reach outside the rows it addresses. */
final class Indices {

    private Indices() {}

    /** {@code index} must name rows of {@code table}. */
    static void checkRows(String op, Value index, Shape table) {
        IndexLimits limits = limits(op, index);
        boolean fits = table.axis() == null ? limits instanceof IndexLimits.Below below && below.limit() <= table.rows()
            : limits instanceof IndexLimits.RowOf of && of.axis().equals(table.axis());
        if (!fits) {
            throw new ShapeException(op + " addresses rows of " + table + " by an index with the limits " + limits);
        }
    }

    /** {@code index} must name columns of {@code x}. */
    static void checkColumns(String op, Value index, Shape x) {
        boolean along = x.axis() != null && index.shape().equals(Shape.along(x.axis(), 1));
        if (!along || !(limits(op, index) instanceof IndexLimits.Below below && below.limit() <= x.cols())) {
            throw new ShapeException(op + " addresses columns of " + x + " by an index of shape " + index.shape() + " with the limits "
                + limits(op, index));
        }
    }

    /** {@code place} must lie within the segments of {@code offsets}. */
    static void checkPlaces(String op, Value place, Value offsets) {
        if (!(limits(op, place) instanceof IndexLimits.WithinSegment in && in.offsets() == offsets && place.shape().equals(offsets.shape()))) {
            throw new ShapeException(op + " is given places of shape " + place.shape() + " with the limits " + limits(op, place)
                + ", not within the segments of " + offsets);
        }
    }

    private static IndexLimits limits(String op, Value index) {
        if (index.node().op() instanceof Leaf leaf && leaf.limits() != null) {
            return leaf.limits();
        }
        throw new ShapeException(op + " needs an input of whole numbers as index, not " + index);
    }
}
