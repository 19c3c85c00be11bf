package org.primer4j.experiment;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.files.AtomicFile;
import org.primer4j.files.Folders;
import org.primer4j.files.Sha256;
import org.primer4j.model.io.TensorData;
import org.primer4j.training.CellResult;

/**
 * A folder of finished grid cells, so that a study that was cut off goes on at the cell it was in. Each cell is a folder
 * named by the SHA-256 of its {@link CellKey}; it appears complete or not at all. {@code store.json} holds what all cells
 * have in common: a store made under other settings is refused, by the setting's name. One process at a time uses a store.
 */
public final class CellStore implements AutoCloseable {

    private static final int VERSION = 2;
    private static final String STORE = "store.json";

    private final Path folder;
    private final FolderLock locks;
    private final FileLock lock;

    private record Header(int version, Map<String, Object> settings) {
    }

    private CellStore(Path folder, FolderLock locks, FileLock lock) {
        this.folder = folder;
        this.locks = locks;
        this.lock = lock;
    }

    /**
     * Opens a store, or makes one. What a killed process left unfinished is removed.
     *
     * @param settings everything that bears on a cell's result and is not in its key: model, steps, text format, version, ...
     * @throws BadInputException if the folder cannot be used, belongs to something else, is in use by another process, or
     *                           holds cells made under other settings
     */
    public static CellStore open(Path folder, Map<String, ?> settings) {
        try (CloseOnFailure opened = new CloseOnFailure()) {
            Files.createDirectories(folder);
            FolderLock locks = opened.add(FolderLock.open(folder));
            FileLock lock = locks.tryLock(0).orElseThrow(() ->
                    new BadInputException(folder + ": another run is using this folder; wait for its end or choose another folder."));
            CellStore store = new CellStore(folder, locks, lock);
            store.agree(Settings.canonical(settings));
            store.removeUnfinished();
            opened.succeeded();
            return store;
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    private void agree(Map<String, Object> settings) throws IOException {
        Path file = folder.resolve(STORE);
        if (Files.exists(file)) {
            Header header = CellJson.read(file, new TypeReference<>() { });
            if (header.version() != VERSION) {
                throw new BadInputException(file + ": the version is " + header.version() + "; expected " + VERSION + ".");
            }
            SameSettings.require(file, "the finished cells", header.settings(), settings);
            return;
        }
        for (Path entry : entries()) {
            if (!entry.getFileName().toString().startsWith(".")) {
                throw new BadInputException(folder + ": found '" + entry.getFileName() + "' but no " + STORE
                        + "; choose a new folder for the cells.");
            }
        }
        byte[] header = CellJson.bytes(new Header(VERSION, settings));
        AtomicFile.write(file, channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(header)));
    }

    private void removeUnfinished() throws IOException {
        for (Path entry : entries()) {
            String name = entry.getFileName().toString();
            if (name.startsWith(".") && name.endsWith(".tmp")) {
                Folders.delete(entry);
            }
        }
    }

    /**
     * A finished cell, its files checked.
     *
     * @throws BadInputException if its files were changed or damaged
     */
    public Optional<StoredCell<CellKey, CellResult>> find(CellKey key) {
        checkOpen();
        Path place = place(key);
        if (!Files.isDirectory(place)) {
            return Optional.empty();
        }
        StoredCell<CellKey, CellResult> cell = StoredCell.read(place, CellKey.class, CellResult.class);
        if (!cell.key().equals(key)) {
            throw new BadInputException(place + ": found the cell of " + cell.key() + "; expected that of " + key + ".");
        }
        return Optional.of(cell);
    }

    /**
     * Keeps a finished cell. When this returns, it is on the disk. One that is there without parameters is replaced.
     *
     * @param parameters the best parameters, by name; none to keep the result alone
     * @throws BadInputException if the cell is there already with parameters, or cannot be written
     */
    public void put(CellKey key, CellResult result, Map<String, ? extends TensorData> parameters) {
        checkOpen();
        find(key).filter(cell -> !cell.hasParameters() && !parameters.isEmpty()).ifPresent(this::remove);
        StoredCell.write(place(key), key, result, new LinkedHashMap<>(parameters));
    }

    private void remove(StoredCell<CellKey, CellResult> cell) {
        try {
            StoredCell.remove(cell.folder(), folder.resolve("." + cell.folder().getFileName() + ".tmp"));
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /** Deletes a finished cell's parameters, if it has any, and keeps its result. */
    public void forget(CellKey key) {
        StoredCell<CellKey, CellResult> cell = find(key).orElseThrow(() -> new IllegalArgumentException("no finished cell of " + key));
        try {
            cell.forget();
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /** Number of finished cells. */
    public int size() {
        checkOpen();
        try {
            return (int) entries().stream().filter(Files::isDirectory).count();
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    private Path place(CellKey key) {
        return folder.resolve(Sha256.of(CellJson.bytes(key)));
    }

    private void checkOpen() {
        if (!lock.isValid()) {
            throw new IllegalStateException("the store of cells is closed");
        }
    }

    private List<Path> entries() throws IOException {
        return Folders.list(folder);
    }

    private static BadInputException unusable(Path folder, IOException cause) {
        return new BadInputException(folder + ": cannot be used as a folder of cells (" + cause + "); expected a folder you may write to.", cause);
    }

    /** Lets another process use the store; a second call does nothing. */
    @Override
    public void close() {
        try {
            locks.close();
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }
}
