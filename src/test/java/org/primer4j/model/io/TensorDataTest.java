package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.FloatBuffer;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TensorDataTest {

    private static float[] count(int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        return values;
    }

    @Property(tries = 100)
    void transposingTwiceGivesTheMatrixBack(@ForAll @IntRange(min = 0, max = 19) int rows, @ForAll @IntRange(min = 0, max = 13) int columns) {
        float[] values = count(rows * columns);
        TensorData once = new TransposedTensor(FloatBuffer.wrap(values), rows, columns);
        TensorData twice = new TransposedTensor(FloatBuffer.wrap(once.floats()), columns, rows);
        assertArrayEquals(values, twice.floats());
        assertArrayEquals(new long[] {rows, columns}, twice.shape());
    }

    @Property(tries = 200)
    void aPartIsThatPartOfTheWhole(@ForAll @IntRange(min = 1, max = 11) int rows, @ForAll @IntRange(min = 1, max = 7) int columns,
            @ForAll @IntRange(min = 0, max = 76) int from, @ForAll @IntRange(min = 0, max = 76) int length) {
        int start = Math.min(from, rows * columns);
        int size = Math.min(length, rows * columns - start);
        TensorData[] tensors = {TensorData.of(new long[] {rows, columns}, count(rows * columns)),
            new TransposedTensor(FloatBuffer.wrap(count(rows * columns)), rows, columns)};
        for (TensorData tensor : tensors) {
            float[] part = new float[size];
            tensor.read(start, FloatBuffer.wrap(part));
            assertArrayEquals(Arrays.copyOfRange(tensor.floats(), start, start + size), part);
        }
    }

    @Test
    void transposesBySmallExample() {
        TensorData tensor = new TransposedTensor(FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6}), 2, 3);
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, tensor.floats());
    }

    @Test
    void refusesReadingPastTheEnd() {
        TensorData tensor = TensorData.of(new long[] {2}, 1, 2);
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.read(1, FloatBuffer.allocate(2)));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.read(-1, FloatBuffer.allocate(1)));
    }

    @Test
    void refusesShapeOfAnotherSize() {
        assertThrows(IllegalArgumentException.class, () -> TensorData.of(new long[] {3}, 1, 2));
        assertEquals(1, TensorData.of(new long[0], 7).size());
    }

    @Test
    void shapesAreCopies() {
        long[] given = {1};
        TensorData tensor = TensorData.of(given, 7);
        given[0] = 9;
        tensor.shape()[0] = 9;
        TensorInfo info = new TensorInfo("w", DType.F32, new long[] {1}, 0, 4);
        info.shape()[0] = 9;
        assertArrayEquals(new long[] {1}, tensor.shape());
        assertArrayEquals(new long[] {1}, info.shape());
    }
}
