package org.primer4j.experiment;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.AtomicFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.SafetensorsWriter;
import org.primer4j.model.io.TensorData;

/**
 * A finished cell of a grid in its folder: {@code cell.json} and {@code parameters.safetensors}. Both files' SHA-256 stand in
 * {@code cell.json}, so that a file that was changed or damaged is not taken for a result.
 *
 * @param folder where it lies
 */
public record StoredCell(CellKey key, CellResult result, Path folder) {

    private static final String JSON = "cell.json";
    private static final String PARAMETERS = "parameters.safetensors";

    /** What the hash of the JSON file is taken of. */
    private record Content(CellKey key, CellResult result, String parametersSha256) {
    }

    private record Sealed(Content content, String sha256) {
    }

    static void write(Path folder, CellKey key, CellResult result, Map<String, ? extends TensorData> parameters) {
        AtomicFolder.write(folder, target -> {
            Path file = target.resolve(PARAMETERS);
            AtomicFile.writeSynced(file, channel -> SafetensorsWriter.writeTo(channel, parameters, Map.of()));
            Content content = new Content(key, result, CellJson.sha256(file));
            AtomicFile.writeSynced(target.resolve(JSON), CellJson.bytes(new Sealed(content, CellJson.sha256(CellJson.bytes(content)))));
        });
    }

    /** @throws org.primer4j.BadInputException if a file is missing or is not what was written */
    static StoredCell read(Path folder) {
        Path file = folder.resolve(JSON);
        Sealed sealed = CellJson.read(file, new TypeReference<>() { });
        if (!CellJson.sha256(CellJson.bytes(sealed.content())).equals(sealed.sha256())) {
            throw CellJson.damaged(file, "is not as it was written (its SHA-256 differs)");
        }
        requireUnchanged(folder.resolve(PARAMETERS), sealed.content().parametersSha256());
        return new StoredCell(sealed.content().key(), sealed.content().result(), folder);
    }

    private static void requireUnchanged(Path file, String sha256) {
        try {
            if (!CellJson.sha256(file).equals(sha256)) {
                throw CellJson.damaged(file, "is not as it was written (its SHA-256 differs)");
            }
        } catch (IOException e) {
            throw CellJson.damaged(file, "cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** The best parameters, copied: tensors by name. */
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
