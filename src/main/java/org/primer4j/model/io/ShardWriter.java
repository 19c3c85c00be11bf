package org.primer4j.model.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.ShardIndex;

/** Writes weights as {@code model.safetensors}, or cut into several files with an index, as transformers does. */
final class ShardWriter {

    /** transformers refuses a file whose metadata does not name the framework. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private ShardWriter() {
    }

    static void write(Path folder, Map<String, TensorData> tensors, long shardBytes) throws IOException {
        List<Map<String, TensorData>> shards = cut(tensors, shardBytes);
        if (shards.size() == 1) {
            writeFile(folder.resolve(Checkpoint.SINGLE), shards.get(0));
            return;
        }
        Map<String, String> index = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
            writeFile(folder.resolve(name), shards.get(i));
            shards.get(i).keySet().forEach(tensor -> index.put(tensor, name));
        }
        long bytes = tensors.values().stream().mapToLong(ShardWriter::bytes).sum();
        AtomicFile.writeSynced(folder.resolve(Checkpoint.INDEX), ShardIndex.write(index, bytes));
    }

    private static List<Map<String, TensorData>> cut(Map<String, TensorData> tensors, long shardBytes) {
        List<Map<String, TensorData>> shards = new ArrayList<>();
        Map<String, TensorData> shard = new TreeMap<>();
        long held = 0;
        for (Map.Entry<String, TensorData> entry : new TreeMap<>(tensors).entrySet()) {
            long bytes = bytes(entry.getValue());
            if (!shard.isEmpty() && held + bytes > shardBytes) {
                shards.add(shard);
                shard = new TreeMap<>();
                held = 0;
            }
            shard.put(entry.getKey(), entry.getValue());
            held += bytes;
        }
        shards.add(shard);
        return shards;
    }

    private static long bytes(TensorData tensor) {
        return Math.multiplyExact(tensor.size(), Float.BYTES);
    }

    private static void writeFile(Path file, Map<String, TensorData> tensors) throws IOException {
        AtomicFile.writeSynced(file, channel -> SafetensorsWriter.writeTo(channel, tensors, METADATA));
    }
}
