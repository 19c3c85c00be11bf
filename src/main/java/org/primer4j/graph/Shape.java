package org.primer4j.graph;

/**
 * Every value is a matrix: rows along an axis (activations), one matrix a lane (trainable parameters), or one matrix
 * for all lanes (frozen weights).
 *
 * @param axis the axis of the rows, or null for a fixed number of rows
 * @param laned whether each lane has a copy of its own (only with a fixed number of rows)
 * @param rows rows of one copy; the axis's capacity along an axis
 * @param cols columns
 */
public record Shape(Axis axis, boolean laned, int rows, int cols) {

    private static final long MOST_ELEMENTS = 1L << 59;

    public Shape {
        if (rows < 0 || cols < 1) {
            throw new ShapeException("a shape needs rows >= 0 and columns >= 1, not [" + rows + ", " + cols + "]");
        }
    }

    /** {@code [axis, cols]}. */
    public static Shape along(Axis axis, int cols) {
        return new Shape(axis, false, axis.capacity(), cols);
    }

    /** {@code [lanes][rows, cols]}. */
    public static Shape laned(int rows, int cols) {
        return new Shape(null, true, rows, cols);
    }

    /** {@code [rows, cols]}, the same for all lanes. */
    public static Shape shared(int rows, int cols) {
        return new Shape(null, false, rows, cols);
    }

    /** The same rows with another number of columns. */
    public Shape withCols(int newCols) {
        return new Shape(axis, laned, rows, newCols);
    }

    /**
     * Numbers of all lanes' copies at full capacity.
     *
     * @throws ShapeException when there are more than 2^59, whose bytes no longer fit a long with room to add
     */
    public long elements(int lanes) {
        long copy = (long) rows * cols;
        int copies = laned ? lanes : 1;
        if (copy > MOST_ELEMENTS / copies) {
            throw new ShapeException("a value of shape " + this + " in " + lanes + " lanes is too large for any memory");
        }
        return copy * copies;
    }

    @Override
    public String toString() {
        return (laned ? "lanes x " : "") + "[" + (axis == null ? String.valueOf(rows) : axis.toString()) + ", " + cols + "]";
    }
}
