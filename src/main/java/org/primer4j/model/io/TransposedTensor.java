package org.primer4j.model.io;

import java.nio.FloatBuffer;
import java.util.Objects;

/** The transpose of a matrix, taken while it is read. */
final class TransposedTensor implements TensorData {

    private final FloatBuffer values;
    private final int rows;
    private final int columns;

    /** The [columns, rows] transpose of {@code values} [rows, columns]. */
    TransposedTensor(FloatBuffer values, int rows, int columns) {
        this.values = values;
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    public long[] shape() {
        return new long[] {columns, rows};
    }

    @Override
    public void read(long start, FloatBuffer target) {
        Objects.checkFromIndexSize(start, target.remaining(), size());
        int column = rows == 0 ? 0 : (int) (start / rows);
        int row = rows == 0 ? 0 : (int) (start % rows);
        while (target.hasRemaining()) {
            target.put(values.get(row * columns + column));
            if (++row == rows) {
                row = 0;
                column++;
            }
        }
    }
}
