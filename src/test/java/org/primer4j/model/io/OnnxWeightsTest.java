package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.model.io.EncoderConfigTest.TINY;
import static org.primer4j.model.io.Hostile.assertRefused;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;

class OnnxWeightsTest {

    @TempDir
    Path folder;

    /** Writes one protobuf message. */
    @FunctionalInterface
    private interface Message {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            message.write(out);
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] model(byte[]... initializers) {
        byte[] graph = message(out -> {
            for (byte[] initializer : initializers) {
                out.writeByteArray(5, initializer);
            }
        });
        return message(out -> out.writeByteArray(7, graph));
    }

    private static byte[] tensor(String name, int type, long[] shape, byte[] data) {
        return message(out -> {
            for (long axis : shape) {
                out.writeInt64(1, axis);
            }
            out.writeInt32(2, type);
            out.writeString(8, name);
            out.writeByteArray(9, data);
        });
    }

    private static byte[] bytes(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static byte[] matMulNode(String name, String weight) {
        return message(out -> {
            out.writeString(1, "x");
            out.writeString(1, weight);
            out.writeString(3, name);
            out.writeString(4, "MatMul");
        });
    }

    /** The tiny encoder as PyTorch's exporter writes it: linear weights transposed, named after their nodes only. */
    private static byte[] exportedEncoder() {
        byte[] graph = message(out -> {
            int number = 100;
            for (Map.Entry<String, TensorData> weight : PretrainedFolderTest.weights().entrySet()) {
                String name = weight.getKey();
                TensorData tensor = weight.getValue();
                if (name.startsWith("encoder.") && tensor.shape().length == 2) {
                    tensor = new TransposedTensor(FloatBuffer.wrap(tensor.floats()), (int) tensor.shape()[0], (int) tensor.shape()[1]);
                    name = "onnx::MatMul_" + number++;
                    String node = "/" + weight.getKey().replaceFirst("\\.weight$", "").replace('.', '/').replaceFirst("layer/", "layer.") + "/MatMul";
                    out.writeByteArray(1, matMulNode(node, name));
                }
                out.writeByteArray(5, tensor(name, 1, tensor.shape(), bytes(tensor.floats())));
            }
        });
        return message(out -> out.writeByteArray(7, graph));
    }

    @Test
    void findsLinearWeightsThroughTheirNodes() {
        Map<String, TensorData> weights = OnnxWeights.read(exportedEncoder(), "tiny.onnx").encoderWeights(TINY);
        PretrainedFolderTest.weights().forEach((name, tensor) -> {
            assertArrayEquals(tensor.shape(), weights.get(name).shape(), name);
            assertArrayEquals(tensor.floats(), weights.get(name).floats(), name);
        });
        assertEquals(PretrainedFolderTest.weights().keySet(), weights.keySet());
    }

    @Test
    void readsBothFormsOfShapeAndData() {
        byte[] packed = message(out -> {
            out.writeByteArray(4, bytes(1, 2, 3, 4, 5, 6));
            out.writeString(8, "w");
            out.writeByteArray(1, new byte[] {2, 3});
            out.writeInt32(2, 1);
        });
        TensorData tensor = OnnxWeights.read(model(packed, tensor("ids", 7, new long[] {1}, new byte[8])), "x").initializers().get("w");
        assertArrayEquals(new long[] {2, 3}, tensor.shape());
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, tensor.floats());
    }

    @Test
    void refusesTruncationAnywhere() {
        byte[] whole = exportedEncoder();
        for (int length = 0; length < whole.length; length += 37) {
            byte[] part = Arrays.copyOf(whole, length);
            assertRefused(() -> OnnxWeights.read(part, "cut.onnx"), "cut.onnx");
        }
    }

    @Test
    void refusesOtherFormats() throws IOException {
        assertRefused(() -> OnnxWeights.read("{\"a\": 1}".getBytes(StandardCharsets.UTF_8), "x.onnx"), "x.onnx");
        assertRefused(() -> OnnxWeights.read("PK\3\4 something".getBytes(StandardCharsets.UTF_8), "x.onnx"), "x.onnx");
        Path missing = folder.resolve("no.onnx");
        assertRefused(() -> OnnxWeights.read(missing), missing);
        Path empty = Files.write(folder.resolve("empty.onnx"), new byte[0]);
        assertRefused(() -> OnnxWeights.read(empty), empty, "no float32 initializers");
    }

    @Test
    void refusesOtherModels() {
        byte[] other = model(tensor("conv.weight", 1, new long[] {1}, bytes(1)));
        OnnxWeights weights = OnnxWeights.read(other, "other.onnx");
        assertRefused(() -> weights.encoderWeights(TINY), "other.onnx", "embeddings.word_embeddings.weight", "missing");
    }

    @Test
    void refusesDataThatDoesNotMatchTheShape() {
        long[][] shapes = {{2}, {-1, -1}, {1L << 62, 4}, {1L << 31, 1L << 31, 1L << 31}};
        for (long[] shape : shapes) {
            byte[] onnx = model(tensor("w", 1, shape, bytes(1)));
            assertRefused(() -> OnnxWeights.read(onnx, "x.onnx"), "x.onnx", "'w'", Arrays.toString(shape), "4 bytes");
        }
    }

    @Test
    void refusesExternalAndDoubledWeights() {
        byte[] external = message(out -> {
            out.writeInt32(2, 1);
            out.writeString(8, "w");
            out.writeInt32(14, 1);
        });
        assertRefused(() -> OnnxWeights.read(model(external), "x.onnx"), "'w'", "another file");
        byte[] tensor = tensor("w", 1, new long[] {1}, bytes(1));
        assertRefused(() -> OnnxWeights.read(model(tensor, tensor), "x.onnx"), "two initializers 'w'");
    }

    @Property(tries = 1000)
    void readsOrRefusesDamagedBytes(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = exportedEncoder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        try {
            OnnxWeights.read(bytes, "x.onnx").encoderWeights(TINY).values().forEach(TensorData::floats);
        } catch (BadInputException refused) {
            assertTrue(refused.getMessage().startsWith("x.onnx: "), refused.getMessage());
        }
    }
}
