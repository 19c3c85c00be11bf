package org.primer4j.graph.ops;

import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Trained keys and values that every sequence of a lane finds before its own (Li and Liang 2021): all queries see them, and no
 * relative bias is added to them.
 *
 * @param keys {@code [P, d]} a lane
 * @param values {@code [P, d]} a lane
 */
public record Prefix(Value keys, Value values) {

    /** @throws ShapeException when the two are not of one shape with a copy a lane */
    public Prefix {
        if (!keys.shape().laned() || keys.shape().rows() < 1 || !keys.shape().equals(values.shape())) {
            throw new ShapeException("a prefix needs keys and values of one shape with a copy a lane, not " + keys.shape() + " and " + values.shape());
        }
    }

    /** Rows of the prefix. */
    public int rows() {
        return keys.shape().rows();
    }
}
