package org.primer4j.model.io;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * What we need of an ONNX file, read field by field; the rest is skipped. Field numbers of onnx.proto:
 * ModelProto graph 7; GraphProto node 1, initializer 5; NodeProto input 1, name 3, op_type 4;
 * TensorProto dims 1, data_type 2, float_data 4, name 8, raw_data 9, data_location 14.
 *
 * @param initializers float32 initializers by name
 * @param matMulNodes  name of the MatMul node by the name of its second input
 */
record OnnxGraph(Map<String, Tensor> initializers, Map<String, String> matMulNodes) {

    private static final int FLOAT = 1;
    private static final int EXTERNAL = 1;

    /** A float32 initializer. */
    record Tensor(long[] shape, FloatBuffer values) {
    }

    static OnnxGraph read(byte[] onnx, String source) {
        CodedInputStream in = CodedInputStream.newInstance(onnx);
        // raw_data then comes as a view of the bytes.
        in.enableAliasing(true);
        OnnxGraph graph = new OnnxGraph(new LinkedHashMap<>(), new LinkedHashMap<>());
        try {
            graph.readModel(in);
        } catch (InvalidProtocolBufferException e) {
            throw new BadInputException(source + ": byte " + in.getTotalBytesRead() + " of " + onnx.length
                    + " is not ONNX; the file is truncated or of another format.", e);
        } catch (Malformed e) {
            throw new BadInputException(source + ": " + e.getMessage() + ".", e);
        } catch (IOException e) {
            throw new BadInputException(source + ": cannot be read: " + e + ".", e);
        }
        if (graph.initializers.isEmpty()) {
            throw new BadInputException(source + ": found no float32 initializers; expected an ONNX file with its weights inside.");
        }
        return graph;
    }

    /** Well-formed protobuf that is not a usable ONNX tensor. */
    private static final class Malformed extends IOException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** Reads one field, or skips it. */
    @FunctionalInterface
    private interface Field {
        void read(int number, int tag) throws IOException;
    }

    private static void fields(CodedInputStream in, Field field) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            field.read(WireFormat.getTagFieldNumber(tag), tag);
        }
    }

    private static void message(CodedInputStream in, int tag, Field field) throws IOException {
        requireWireType(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        int outer = in.pushLimit(in.readRawVarint32());
        fields(in, field);
        in.checkLastTagWas(0);
        in.popLimit(outer);
    }

    private static void requireWireType(int tag, int expected) throws Malformed {
        if (WireFormat.getTagWireType(tag) != expected) {
            throw new Malformed("field " + WireFormat.getTagFieldNumber(tag) + " has wire type "
                    + WireFormat.getTagWireType(tag) + ", expected " + expected + "; the file is not ONNX");
        }
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new Malformed("an end of group without its begin; the file is not ONNX");
        }
    }

    private static String string(CodedInputStream in, int tag) throws IOException {
        requireWireType(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return new String(in.readByteArray(), StandardCharsets.UTF_8);
    }

    private void readModel(CodedInputStream in) throws IOException {
        fields(in, (number, tag) -> {
            if (number == 7) {
                message(in, tag, (inner, innerTag) -> readGraphField(in, inner, innerTag));
            } else {
                skip(in, tag);
            }
        });
    }

    private void readGraphField(CodedInputStream in, int number, int tag) throws IOException {
        switch (number) {
            case 1 -> readNode(in, tag);
            case 5 -> readInitializer(in, tag);
            default -> skip(in, tag);
        }
    }

    private void readNode(CodedInputStream in, int tag) throws IOException {
        List<String> inputs = new ArrayList<>();
        String[] nameAndType = {"", ""};
        message(in, tag, (number, fieldTag) -> {
            switch (number) {
                case 1 -> inputs.add(string(in, fieldTag));
                case 3 -> nameAndType[0] = string(in, fieldTag);
                case 4 -> nameAndType[1] = string(in, fieldTag);
                default -> skip(in, fieldTag);
            }
        });
        if (nameAndType[1].equals("MatMul") && inputs.size() == 2) {
            matMulNodes.put(inputs.get(1), nameAndType[0]);
        }
    }

    private void readInitializer(CodedInputStream in, int tag) throws IOException {
        TensorFields tensor = new TensorFields();
        message(in, tag, (number, fieldTag) -> tensor.read(in, number, fieldTag));
        if (tensor.dataType == FLOAT && initializers.put(tensor.name, tensor.tensor()) != null) {
            throw new Malformed("found two initializers '" + Text.shorten(tensor.name) + "', expected one");
        }
    }

    /** The fields of one TensorProto; they may come in any order. */
    private static final class TensorFields {
        private final List<Long> dims = new ArrayList<>();
        private String name = "";
        private int dataType;
        private int location;
        private ByteBuffer data = ByteBuffer.allocate(0);

        void read(CodedInputStream in, int number, int tag) throws IOException {
            switch (number) {
                case 1 -> readDims(in, tag);
                case 2 -> dataType = varint(in, tag);
                // Packed floats are little-endian, four bytes each, just as raw_data.
                case 4, 9 -> readData(in, tag);
                case 8 -> name = string(in, tag);
                case 14 -> location = varint(in, tag);
                default -> skip(in, tag);
            }
        }

        private static int varint(CodedInputStream in, int tag) throws IOException {
            requireWireType(tag, WireFormat.WIRETYPE_VARINT);
            return in.readRawVarint32();
        }

        /** Both forms of a repeated number are legal: one field each, and packed. */
        private void readDims(CodedInputStream in, int tag) throws IOException {
            if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
                dims.add(in.readInt64());
                return;
            }
            requireWireType(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            int outer = in.pushLimit(in.readRawVarint32());
            while (!in.isAtEnd()) {
                dims.add(in.readInt64());
            }
            in.popLimit(outer);
        }

        private void readData(CodedInputStream in, int tag) throws IOException {
            requireWireType(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            data = in.readByteBuffer();
        }

        Tensor tensor() throws Malformed {
            String who = "initializer '" + Text.shorten(name) + "'";
            if (location == EXTERNAL) {
                throw new Malformed(who + " lies in another file, expected the weights inside the ONNX file");
            }
            long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
            if (byteSize(shape) != data.remaining()) {
                throw new Malformed(who + " of shape " + Arrays.toString(shape) + " has " + data.remaining()
                        + " bytes of float32 data, which does not match");
            }
            return new Tensor(shape, data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
        }

        /** Bytes of a float32 tensor, -1 if the shape is impossible. */
        private static long byteSize(long[] shape) {
            long bytes = Float.BYTES;
            for (long axis : shape) {
                if (axis < 0 || axis > Integer.MAX_VALUE || bytes > Integer.MAX_VALUE) {
                    return -1;
                }
                bytes *= axis;
            }
            return bytes;
        }
    }
}
