package org.primer4j.model.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFile;

/**
 * Writes float32 tensors as a safetensors file. Tensors and metadata are sorted by name, so that the same content gives
 * the same bytes whatever the order of the map; the reference implementation sorts F32 tensors the same way.
 */
public final class SafetensorsWriter {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int ALIGNMENT = 8;
    private static final int BUFFER_BYTES = 1 << 20;

    private SafetensorsWriter() {
    }

    /**
     * Writes a file that is complete or not there.
     *
     * @param metadata free text for the header, as {@code {"format": "pt"}}; may be empty
     * @throws BadInputException if the file cannot be written: no such folder, no permission, disk full
     */
    public static void write(Path path, Map<String, ? extends TensorData> tensors, Map<String, String> metadata) {
        AtomicFile.write(path, channel -> writeTo(channel, tensors, metadata));
    }

    /** Writes the file's bytes to the end of a channel. */
    public static void writeTo(FileChannel channel, Map<String, ? extends TensorData> tensors, Map<String, String> metadata)
            throws IOException {
        SortedMap<String, TensorData> sorted = new TreeMap<>(tensors);
        AtomicFile.writeFully(channel, header(sorted, new TreeMap<>(metadata)));
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (TensorData tensor : sorted.values()) {
            writeData(channel, tensor, buffer);
        }
    }

    private static ByteBuffer header(SortedMap<String, TensorData> tensors, SortedMap<String, String> metadata)
            throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(json)) {
            out.writeStartObject();
            writeMetadata(out, metadata);
            writeEntries(out, tensors);
            out.writeEndObject();
        }
        int padded = (json.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] bytes = Arrays.copyOf(json.toByteArray(), padded);
        Arrays.fill(bytes, json.size(), padded, (byte) ' ');
        return ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(bytes).flip();
    }

    private static void writeMetadata(JsonGenerator out, SortedMap<String, String> metadata) throws IOException {
        if (metadata.isEmpty()) {
            return;
        }
        out.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
    }

    private static void writeEntries(JsonGenerator out, SortedMap<String, TensorData> tensors) throws IOException {
        long begin = 0;
        for (Map.Entry<String, TensorData> entry : tensors.entrySet()) {
            long[] shape = entry.getValue().shape();
            long end = Math.addExact(begin, Math.multiplyExact(entry.getValue().size(), Float.BYTES));
            out.writeObjectFieldStart(entry.getKey());
            out.writeStringField("dtype", DType.F32.name());
            out.writeFieldName("shape");
            out.writeArray(shape, 0, shape.length);
            out.writeFieldName("data_offsets");
            out.writeArray(new long[] {begin, end}, 0, 2);
            out.writeEndObject();
            begin = end;
        }
    }

    private static void writeData(FileChannel channel, TensorData tensor, ByteBuffer buffer) throws IOException {
        int most = buffer.capacity() / Float.BYTES;
        for (long start = 0; start < tensor.size(); start += most) {
            int count = (int) Math.min(most, tensor.size() - start);
            buffer.clear().limit(count * Float.BYTES);
            tensor.read(start, buffer.asFloatBuffer());
            AtomicFile.writeFully(channel, buffer);
        }
    }
}
