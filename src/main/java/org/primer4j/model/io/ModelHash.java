package org.primer4j.model.io;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.TreeMap;
import org.primer4j.files.Sha256;

/** Tells models apart by their content. */
public final class ModelHash {

    private static final int CHUNK = 1 << 18;

    private ModelHash() {}

    /** SHA-256 of configuration, tokenizer, defaults of generation, and each weight's name, shape and numbers. Reads all weights. */
    public static String of(PretrainedModel model) {
        byte[] tokenizer = model.tokenizerJson();
        Sha256 hash = new Sha256().text(model.config().toJson()).text(model.generation() == null ? "" : model.generation().json())
            .number(tokenizer.length).bytes(ByteBuffer.wrap(tokenizer));
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES);
        new TreeMap<>(model.weights()).forEach((name, tensor) -> add(hash.text(name), tensor, chunk));
        return hash.hex();
    }

    private static void add(Sha256 hash, TensorData tensor, ByteBuffer chunk) {
        hash.number(tensor.shape().length);
        for (long size : tensor.shape()) {
            hash.number(size);
        }
        long size = tensor.size();
        for (long at = 0; at < size; at += CHUNK) {
            int count = (int) Math.min(CHUNK, size - at);
            FloatBuffer numbers = chunk.clear().asFloatBuffer().limit(count);
            tensor.read(at, numbers);
            hash.bytes(chunk.limit(count * Float.BYTES));
        }
    }
}
