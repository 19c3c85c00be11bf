package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.model.io.Hostile.assertRefused;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {

    @TempDir
    Path folder;

    private void refused(String header, int dataBytes, Object... fragments) throws IOException {
        Path file = Hostile.safetensors(folder, header, dataBytes);
        assertRefused(() -> SafetensorsFile.open(file).close(), concat(file, fragments));
    }

    private static Object[] concat(Object first, Object... rest) {
        Object[] all = Arrays.copyOf(rest, rest.length + 1);
        all[rest.length] = first;
        return all;
    }

    private static String entry(String name, String dtype, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + "," + end + "]}";
    }

    @Test
    void readsEveryKindOfTensor() throws IOException {
        String header = "{\"__metadata__\":{\"made\":\"here\"}," + entry("w", "F32", "[1,2]", 0, 8) + ","
                + entry("d", "F64", "[]", 8, 16) + "," + entry("i", "I64", "[1]", 16, 24) + "," + entry("none", "F32", "[0,3]", 24, 24) + "}";
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 24).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
        bytes.putFloat(1.5f).putFloat(-2).putDouble(Math.PI).putLong(Long.MIN_VALUE);
        Path path = Files.write(folder.resolve("all.safetensors"), bytes.array());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Set.of("w", "d", "i", "none"), file.names());
            assertEquals(Map.of("made", "here"), file.metadata());
            assertEquals(new TensorInfo("w", DType.F32, new long[] {1, 2}, 0, 8), file.info("w"));
            assertArrayEquals(new float[] {1.5f, -2}, file.floats("w"));
            assertArrayEquals(new double[] {1.5, -2}, file.doubles("w"));
            assertArrayEquals(new double[] {Math.PI}, file.doubles("d"));
            assertArrayEquals(new long[] {Long.MIN_VALUE}, file.longs("i"));
            assertEquals(0, file.floats("none").length);
            FloatBuffer target = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).asFloatBuffer();
            file.copyFloats("w", target);
            assertEquals(-2, target.get(1));
            assertThrows(IllegalArgumentException.class, () -> file.copyFloats("w", FloatBuffer.allocate(3)));
            assertRefused(() -> file.floats("d"), path, "'d'", "F64", "F32");
            assertRefused(() -> file.longs("w"), path, "'w'", "F32", "I64");
            assertRefused(() -> file.info("other"), path, "'other'", "missing");
        }
    }

    @Test
    void tensorsOutliveTheFileButNewOnesAreRefused() throws IOException {
        Path path = Hostile.safetensors(folder, "{" + entry("w", "F32", "[3]", 0, 12) + "}", 12);
        SafetensorsFile file = SafetensorsFile.open(path);
        TensorData taken = file.tensor("w");
        file.close();
        file.close();
        assertArrayEquals(new float[3], taken.floats());
        assertThrows(IllegalStateException.class, () -> file.floats("w"));
    }

    @Test
    void refusesMissingFileAndFolder() {
        assertRefused(() -> SafetensorsFile.open(folder.resolve("no")), folder.resolve("no"), "no such file");
        assertRefused(() -> SafetensorsFile.open(folder), folder);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void refusesFileShorterThanTheLength(int bytes) throws IOException {
        Path path = Files.write(folder.resolve("short.safetensors"), new byte[bytes]);
        assertRefused(() -> SafetensorsFile.open(path), path, "found " + bytes + " bytes");
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void refusesHeaderLongerThanTheFile(long length) throws IOException {
        Path path = Hostile.safetensors(folder, length, "{}".getBytes(StandardCharsets.UTF_8), 0);
        assertRefused(() -> SafetensorsFile.open(path), path, Long.toUnsignedString(length), "at most 2");
    }

    @Test
    void refusesHeaderBeyondTheFormatsLimit() throws IOException {
        Path path = folder.resolve("sparse.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(200_000_000);
            file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(150_000_000).array());
        }
        assertRefused(() -> SafetensorsFile.open(path), path, "150000000", "at most 100000000");
    }

    @Test
    void refusesTruncatedData() throws IOException {
        refused("{" + entry("w", "F32", "[4]", 0, 16) + "}", 15, "'w'", "16", "only 15", "truncated");
    }

    @Test
    void refusesDataNobodyOwns() throws IOException {
        refused("{" + entry("w", "F32", "[4]", 0, 16) + "}", 17, "16", "17");
        refused("{}", 1, "holds 1 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "[]", "1", "{", "{\"w\"", "{\"w\":1}", "{\"w\":[]}", "{\"w\":{}}", "{}{}", "{} x", "\0\0\0", "{'w':{}}",
        "{\"w\":{\"dtype\":null,\"shape\":[],\"data_offsets\":[0,4]}}", "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":[]}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0"})
    void refusesWhatIsNotAHeader(String header) throws IOException {
        refused(header, 4);
    }

    @Test
    void refusesDuplicateKeys() throws IOException {
        refused("{" + entry("w", "F32", "[1]", 0, 4) + "," + entry("w", "F32", "[1]", 4, 8) + "}", 8, "duplicate", "'w'");
        refused("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "duplicate", "dtype");
        refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate", "__metadata__");
        refused("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "duplicate");
    }

    @Test
    void refusesUnknownDType() throws IOException {
        refused("{" + entry("w", "F31", "[1]", 0, 4) + "}", 4, "'w'", "F31", "F32");
        refused("{" + entry("w", "f32", "[1]", 0, 4) + "}", 4, "'w'", "f32");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"[-1]; -1", "[9223372036854775808]; 9223372036854775808", "[-9223372036854775809]; -9223372036854775809"})
    void refusesNegativeOrHugeAxes(String shape, String found) throws IOException {
        refused("{" + entry("w", "F32", shape, 0, 4) + "}", 4, "'w'", found, "shape");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[9223372036854775807]", "[4294967296,4294967296]", "[4611686018427387904,4]", "[3037000500,3037000500,0]"})
    void refusesOverflowingShapes(String shape) throws IOException {
        refused("{" + entry("w", "F32", shape, 0, 0) + "}", 0, "'w'", "2^63-1");
    }

    @Test
    void refusesReversedOffsets() throws IOException {
        refused("{" + entry("w", "F32", "[1]", 4, 0) + "}", 4, "'w'", "[4, 0]", "begin <= end");
    }

    @Test
    void refusesNegativeOffsets() throws IOException {
        refused("{" + entry("w", "F32", "[1]", -4, 0) + "}", 4, "'w'", "-4", "data_offsets");
    }

    @Test
    void refusesOverlappingTensors() throws IOException {
        refused("{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[2]", 4, 12) + "}", 12, "'b'", "begin at 4", "ends at 8");
    }

    @Test
    void refusesHolesBetweenTensors() throws IOException {
        refused("{" + entry("a", "F32", "[1]", 0, 4) + "," + entry("b", "F32", "[1]", 8, 12) + "}", 12, "'b'", "begin at 8", "ends at 4");
    }

    @Test
    void refusesOffsetsBeyondTheEnd() throws IOException {
        refused("{" + entry("w", "F32", "[1]", 1L << 62, (1L << 62) + 4) + "}", 4, "'w'", (1L << 62) + 4, "only 4");
    }

    @Test
    void refusesOffsetsThatDoNotMatchTheShape() throws IOException {
        refused("{" + entry("w", "F32", "[3]", 0, 8) + "}", 8, "'w'", "8 bytes", "[3]", "12");
    }

    @Test
    void refusesNestingBomb() throws IOException {
        refused("{\"w\":" + "[".repeat(1_000_000), 0);
        refused("[".repeat(1_000_000), 0);
        refused("{\"w\":{\"dtype\":\"F32\",\"shape\":" + "[".repeat(1_000_000), 0);
    }

    @Test
    void refusesMoreAxesThanAnyTensorHas() throws IOException {
        refused("{" + entry("w", "F32", "[" + "1,".repeat(1_000_000) + "1]", 0, 4) + "}", 4, "'w'", "more than 16");
    }

    @Test
    void refusesNumberOfAMillionDigits() throws IOException {
        refused("{" + entry("w", "F32", "[1" + "0".repeat(1_000_000) + "]", 0, 4) + "}", 4);
    }

    @Test
    void refusesTextThatIsNotUtf8() throws IOException {
        byte[] latin1 = ("{" + entry("caf\u00e9", "F32", "[1]", 0, 4) + "}").getBytes(StandardCharsets.ISO_8859_1);
        Path path = Hostile.safetensors(folder, latin1.length, latin1, 4);
        assertRefused(() -> SafetensorsFile.open(path), path, "UTF-8");
        byte[] utf16 = ("{" + entry("w", "F32", "[1]", 0, 4) + "}").getBytes(StandardCharsets.UTF_16BE);
        Path wide = Hostile.safetensors(folder, utf16.length, utf16, 4);
        assertRefused(() -> SafetensorsFile.open(wide), wide);
    }

    @Test
    void shortensHostileNamesInMessages() throws IOException {
        refused("{" + entry("\\n\\u001b[2J" + "x".repeat(40_000), "F31", "[1]", 0, 4) + "}", 4, "F31");
    }

    private static String manyEntries(int count, int step) {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            header.append(i == 0 ? "" : ",").append(entry("t" + i, "F32", "[1]", (long) i * step, (long) i * step + 4));
        }
        return header.append('}').toString();
    }

    @Test
    void answersAHundredThousandEntriesInASecond() throws IOException {
        Path path = Hostile.safetensors(folder, manyEntries(100_000, 4), 400_000);
        assertSecond(() -> {
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertEquals(100_000, file.names().size());
                assertArrayEquals(new float[1], file.floats("t99999"));
            }
        });
        Path overlapping = Hostile.safetensors(folder, manyEntries(100_000, 0), 4);
        assertSecond(() -> assertRefused(() -> SafetensorsFile.open(overlapping), "overlap"));
    }

    /** Processor time of this thread: the machine may be busy with other tests. */
    private static void assertSecond(Runnable action) {
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        long start = clock.getCurrentThreadCpuTime();
        action.run();
        long milliseconds = (clock.getCurrentThreadCpuTime() - start) / 1_000_000;
        assertTrue(milliseconds < 1000, () -> "took " + milliseconds + " ms");
    }

    @Test
    void refusesMoreEntriesThanAnyModelHas() throws IOException {
        StringBuilder metadata = new StringBuilder("{\"__metadata__\":{\"k\":\"\"");
        for (int i = 0; i < 200_001; i++) {
            metadata.append(",\"").append(i).append("\":\"\"");
        }
        refused(metadata.append("}}").toString(), 0, "__metadata__", "200000");
        refused(manyEntries(200_001, 4), 800_004, "200000");
    }

    @Test
    void readsTensorsBeyondTwoGigabytes() throws IOException {
        long big = 3L << 28;
        String header = "{" + entry("big", "F32", "[" + big + "]", 0, 4 * big) + "," + entry("last", "F32", "[1]", 4 * big, 4 * big + 4) + "}";
        Path path = Hostile.safetensors(folder, header, 0);
        long start = Files.size(path);
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(start + 4 * big + 4);
            putFloats(sparse, start + 4L * (BufferTensor.CHUNK - 1), 5, 6);
            putFloats(sparse, start + 4 * (big - 1), 7, 8);
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            TensorData tensor = file.tensor("big");
            float[] across = new float[4];
            tensor.read(BufferTensor.CHUNK - 2, FloatBuffer.wrap(across));
            assertArrayEquals(new float[] {0, 5, 6, 0}, across);
            float[] end = new float[1];
            tensor.read(big - 1, FloatBuffer.wrap(end));
            assertEquals(7, end[0]);
            assertArrayEquals(new float[] {8}, file.floats("last"));
            assertRefused(() -> file.floats("big"), path, "'big'", big, "too many");
        }
    }

    private static void putFloats(RandomAccessFile file, long at, float... values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        file.seek(at);
        file.write(bytes.array());
    }
}
