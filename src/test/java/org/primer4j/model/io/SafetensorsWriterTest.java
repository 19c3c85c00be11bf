package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.primer4j.model.io.Hostile.assertRefused;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.files.AtomicFile;

class SafetensorsWriterTest {

    private static final Path SHARED = Path.of("..", "shared");
    private static final Map<String, String> METADATA = Map.of("format", "pt", "note", "\u00fcber \"q\" \\ \n");

    @TempDir
    Path folder;

    private static Map<String, TensorData> tensors() {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        tensors.put("b.weight", TensorData.of(new long[] {2, 3}, 1, -0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY));
        tensors.put("a \u00fc\ud83d\ude00\"\\", TensorData.of(new long[0], 4));
        tensors.put("none", TensorData.of(new long[] {0, 5}));
        return tensors;
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void readsBackWhatWasWritten() {
        Path path = folder.resolve("w.safetensors");
        SafetensorsWriter.write(path, tensors(), METADATA);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(tensors().keySet(), new HashSet<>(file.names()));
            assertEquals(METADATA, file.metadata());
            tensors().forEach((name, tensor) -> {
                assertArrayEquals(tensor.shape(), file.info(name).shape());
                assertArrayEquals(tensor.floats(), file.floats(name));
            });
        }
    }

    @Test
    void sameContentGivesTheSameBytesInAnyOrder() throws IOException {
        Path one = folder.resolve("1");
        Path two = folder.resolve("2");
        Map<String, TensorData> reversed = new LinkedHashMap<>();
        tensors().entrySet().stream().sorted((a, b) -> b.getKey().compareTo(a.getKey())).forEach(e -> reversed.put(e.getKey(), e.getValue()));
        SafetensorsWriter.write(one, tensors(), METADATA);
        SafetensorsWriter.write(two, reversed, new LinkedHashMap<>(METADATA));
        assertEquals(-1, Files.mismatch(one, two));
        assertEquals(0, ByteBuffer.wrap(Files.readAllBytes(one)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
    }

    @Test
    void replacesAFileAndLeavesNothingElse() throws IOException {
        Path path = Files.writeString(folder.resolve("w.safetensors"), "old");
        SafetensorsWriter.write(path, tensors(), Map.of());
        assertEquals(List.of(path), left());
        SafetensorsFile.open(path).close();
    }

    @Test
    void writesTensorsLargerThanItsBuffer() {
        float[] values = new float[(1 << 19) + 13];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path path = folder.resolve("w");
        SafetensorsWriter.write(path, Map.of("w", TensorData.of(new long[] {values.length}, values)), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertArrayEquals(values, file.floats("w"));
        }
    }

    @Test
    void refusesFoldersThatCannotTakeTheFile() throws IOException {
        Path missing = folder.resolve("no").resolve("w");
        assertRefused(() -> SafetensorsWriter.write(missing, tensors(), Map.of()), missing, "cannot be written", "does not exist");
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertRefused(() -> SafetensorsWriter.write(file.resolve("w"), tensors(), Map.of()), file, "cannot be written");
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("x"), "x");
        assertRefused(() -> SafetensorsWriter.write(taken, tensors(), Map.of()), taken, "cannot be written");
        assertEquals(2, left().size());
    }

    @Test
    void fullDiskLeavesTheOldFileAndNoPart() throws IOException {
        Path path = Files.writeString(folder.resolve("w"), "old");
        assertRefused(() -> AtomicFile.write(path, channel -> {
            AtomicFile.writeFully(channel, ByteBuffer.allocate(100));
            throw new IOException("No space left on device");
        }), path, "No space left on device");
        assertEquals(List.of(path), left());
        assertEquals("old", Files.readString(path));
    }

    @Test
    void failureWhileReadingATensorLeavesNoPart() throws IOException {
        TensorData broken = new TensorData() {
            @Override
            public long[] shape() {
                return new long[] {1};
            }

            @Override
            public void read(long start, FloatBuffer target) {
                throw new IllegalStateException("closed");
            }
        };
        Path path = folder.resolve("w");
        assertThrows(IllegalStateException.class, () -> SafetensorsWriter.write(path, Map.of("w", broken), Map.of()));
        assertEquals(List.of(), left());
    }

    @Test
    void rewritesGoldenModelsToTheSameBytes() throws IOException {
        Path golden = SHARED.resolve("golden");
        assumeTrue(Files.isDirectory(golden));
        for (Path model : find(golden, "model.safetensors")) {
            Path copy = folder.resolve("copy");
            try (SafetensorsFile file = SafetensorsFile.open(model)) {
                Map<String, TensorData> tensors = new LinkedHashMap<>();
                file.names().forEach(name -> tensors.put(name, file.tensor(name)));
                SafetensorsWriter.write(copy, tensors, file.metadata());
            }
            assertEquals(-1, Files.mismatch(model, copy), model.toString());
        }
    }

    @Test
    void opensAllGoldenFiles() throws IOException {
        Path golden = SHARED.resolve("golden");
        assumeTrue(Files.isDirectory(golden));
        List<Path> files = find(golden, ".safetensors");
        assertTrue(files.size() > 50, () -> "only " + files.size());
        for (Path path : files) {
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                for (String name : file.names()) {
                    readAny(file, file.info(name));
                }
            }
        }
    }

    private static void readAny(SafetensorsFile file, TensorInfo info) {
        int size = info.dtype() == DType.I64 ? file.longs(info.name()).length : file.doubles(info.name()).length;
        assertEquals(info.size(), size);
    }

    private static List<Path> find(Path root, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.getFileName().toString().endsWith(ending)).sorted().toList();
        }
    }

    @Test
    void pythonReadsWhatWasWritten() throws Exception {
        Path python = SHARED.resolve("peer/.venv/bin/python");
        assumeTrue(Files.isExecutable(python));
        Path path = folder.resolve("w.safetensors");
        SafetensorsWriter.write(path, tensors(), METADATA);
        String script = """
                import sys
                from safetensors import safe_open
                with safe_open(sys.argv[1], 'numpy') as f:
                    w = f.get_tensor('b.weight')
                    print(len(f.keys()), f.metadata()['format'], w.dtype, w.shape, w[1, 0] > 3.4e38, f.get_tensor('none').shape)
                """;
        Path output = folder.resolve("out");
        Process process = new ProcessBuilder(python.toString(), "-c", script, path.toString()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals("3 pt float32 (2, 3) True (0, 5)", Files.readString(output).strip());
    }
}
