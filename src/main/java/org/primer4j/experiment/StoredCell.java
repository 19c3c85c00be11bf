package org.primer4j.experiment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.AtomicFolder;
import org.primer4j.files.Folders;
import org.primer4j.files.Sha256;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.SafetensorsWriter;
import org.primer4j.model.io.TensorData;

/**
 * A finished cell of a grid in its folder: {@code cell.json} and perhaps {@code parameters.safetensors}. Both files' SHA-256 stand in
 * {@code cell.json}, so that a file that was changed or damaged is not taken for a result.
 *
 * @param <K> what names a cell
 * @param <R> how a cell went
 * @param folder where it lies
 * @param hasParameters whether it was kept with its parameters and they were not forgotten
 */
public record StoredCell<K, R>(K key, R result, Path folder, boolean hasParameters) {

    private static final String JSON = "cell.json";
    private static final String PARAMETERS = "parameters.safetensors";

    /** What the hash of the JSON file is taken of. */
    private record Content<K, R>(K key, R result, String parametersSha256) {
    }

    private record Sealed<C>(C content, String sha256) {
    }

    static <K, R> void write(Path folder, K key, R result, Map<String, ? extends TensorData> parameters) {
        AtomicFolder.write(folder, target -> {
            Path file = target.resolve(PARAMETERS);
            if (!parameters.isEmpty()) {
                AtomicFile.writeSynced(file, channel -> SafetensorsWriter.writeTo(channel, parameters, Map.of()));
            }
            AtomicFile.writeSynced(target.resolve(JSON), sealed(new Content<>(key, result, parameters.isEmpty() ? null : Sha256.of(file))));
        });
    }

    private static byte[] sealed(Content<?, ?> content) {
        return CellJson.bytes(new Sealed<>(content, Sha256.of(CellJson.bytes(content))));
    }

    /** Deletes the parameters. The JSON file says so first: what a kill in between leaves is a file that nobody reads, and goes the next time. */
    void forget() throws IOException {
        if (hasParameters) {
            byte[] json = sealed(new Content<>(key, result, null));
            AtomicFile.write(folder.resolve(JSON), channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(json)));
        }
        for (Path entry : Folders.list(folder)) {
            if (!entry.endsWith(JSON)) {
                Files.delete(entry);
            }
        }
    }

    /**
     * Removes a cell. Renamed first: what a kill leaves is unfinished.
     *
     * @param doomed a hidden name beside it
     */
    static void remove(Path folder, Path doomed) throws IOException {
        Files.move(folder, doomed, StandardCopyOption.ATOMIC_MOVE);
        Folders.delete(doomed);
    }

    /** @throws org.primer4j.BadInputException if a file is missing or is not what was written */
    static <K, R> StoredCell<K, R> read(Path folder, Class<K> key, Class<R> result) {
        Path file = folder.resolve(JSON);
        Sealed<Content<K, R>> sealed = CellJson.read(file, CellJson.type(Sealed.class, CellJson.type(Content.class, key, result)));
        Content<K, R> content = sealed.content();
        if (!Sha256.of(CellJson.bytes(content)).equals(sealed.sha256())) {
            throw CellJson.damaged(file, "is not as it was written (its SHA-256 differs)");
        }
        if (content.parametersSha256() != null) {
            requireUnchanged(folder.resolve(PARAMETERS), content.parametersSha256());
        }
        return new StoredCell<>(content.key(), content.result(), folder, content.parametersSha256() != null);
    }

    private static void requireUnchanged(Path file, String sha256) {
        try {
            if (!Sha256.of(file).equals(sha256)) {
                throw CellJson.damaged(file, "is not as it was written (its SHA-256 differs)");
            }
        } catch (IOException e) {
            throw CellJson.damaged(file, "cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** The best parameters, copied: tensors by name; only of a cell that has them. */
    public Map<String, TensorData> parameters() {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(PARAMETERS))) {
            for (String name : file.names()) {
                tensors.put(name, TensorData.of(file.info(name).shape(), file.floats(name)));
            }
        }
        return tensors;
    }
}
