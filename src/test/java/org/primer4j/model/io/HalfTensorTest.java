package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.primer4j.model.io.Hostile.assertRefused;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfTensorTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"0, 0", "0x8000, -0.0", "0x3c00, 1", "0xc000, -2", "0x7bff, 65504", "0x0400, 6.103515625e-5", "0x0001, 5.9604644775390625e-8",
        "0x83ff, -6.097555160522461e-5", "0x7c00, Infinity", "0xfc00, -Infinity", "0x7e00, NaN", "0x3555, 0.333251953125"})
    void widensHalfPrecision(String bits, float expected) {
        assertEquals(expected, HalfTensor.half((short) (int) Integer.decode(bits)));
    }

    // Every finite number: sign, exponent and fraction by their definition.
    @Test
    void widensEveryHalf() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 31, fraction = bits & 1023;
            double size = exponent == 0 ? fraction * Math.pow(2, -24) : (1024 + fraction) * Math.pow(2, exponent - 25);
            if (exponent < 31) {
                assertEquals((float) (bits < 1 << 15 ? size : -size), HalfTensor.half((short) bits), Integer.toHexString(bits));
            }
        }
    }

    @Test
    void readsPartsAndRefusesOthers() {
        HalfTensor tensor = new HalfTensor(new long[] {2, 2}, true, ShortBuffer.wrap(new short[] {0x3f80, (short) 0xc040, 0x0000, 0x7f80}));
        assertArrayEquals(new float[] {1, -3, 0, Float.POSITIVE_INFINITY}, tensor.floats());
        float[] part = new float[2];
        tensor.read(1, FloatBuffer.wrap(part));
        assertArrayEquals(new float[] {-3, 0}, part);
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.read(3, FloatBuffer.allocate(2)));
        assertThrows(IllegalArgumentException.class, () -> new HalfTensor(new long[] {3}, true, ShortBuffer.allocate(2)));
    }

    @Test
    void safetensorsOf16BitsAreReadAsFloats() throws IOException {
        byte[] header = ("{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"BF16\",\"shape\":[1],"
            + "\"data_offsets\":[4,6]},\"n\":{\"dtype\":\"F16\",\"shape\":[0],\"data_offsets\":[6,6]},"
            + "\"x\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[6,8]}}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
        bytes.putShort((short) 0x3c00).putShort((short) 0xc000).putShort((short) 0x4049);
        Path path = Files.write(folder.resolve("h.safetensors"), bytes.array());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertArrayEquals(new float[] {1, -2}, file.tensor("h").floats());
            assertArrayEquals(new float[] {3.140625f}, file.floats("b"));
            assertEquals(0, file.tensor("n").size());
            assertRefused(() -> file.tensor("x"), path, "U16", "F32");
        }
    }
}
