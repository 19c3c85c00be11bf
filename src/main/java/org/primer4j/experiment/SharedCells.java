package org.primer4j.experiment;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Interruption;
import org.primer4j.files.Folders;
import org.primer4j.model.io.TensorData;

/**
 * A folder of finished cells that several processes fill together. Each cell is a folder below {@value #CELLS} named by its
 * {@link ContentKey}; it appears complete or not at all. Who makes a cell claims it first. A damaged cell is moved to
 * {@value #DAMAGED} and counts as missing. For one thread; a process opens a folder once at a time.
 */
public final class SharedCells implements AutoCloseable {

    public static final String CELLS = "cells";
    public static final String DAMAGED = "damaged";

    private static final int NUMBER_DIGITS = 15;
    private static final String SCRATCH = "scratch";
    /** A folder that is being written or deleted, or a cell's scratch. */
    private static final Pattern HIDDEN = Pattern.compile("\\.([0-9a-f]{64})\\.([\\w-]+\\.tmp|" + SCRATCH + ")");

    private final Path folder;
    private final FolderLock locks;
    private final Consumer<String> warnings;
    private final Set<String> claimed = new HashSet<>();

    private SharedCells(Path folder, FolderLock locks, Consumer<String> warnings) {
        this.folder = folder;
        this.locks = locks;
        this.warnings = warnings;
    }

    /**
     * Opens the cells of a folder, and removes what killed processes left unfinished.
     *
     * @param warnings told of damaged cells, in a sentence each
     * @throws WriteException if the folder cannot be written
     */
    public static SharedCells open(Path folder, Consumer<String> warnings) {
        return WriteException.checked(folder, () -> {
            Files.createDirectories(folder.resolve(CELLS));
            try (CloseOnFailure opened = new CloseOnFailure()) {
                SharedCells cells = new SharedCells(folder, opened.add(FolderLock.open(folder)), warnings);
                cells.removeUnfinished();
                opened.succeeded();
                return cells;
            }
        });
    }

    // A hidden folder is another process's unless its cell can be claimed; a scratch is of use until its cell is there.
    private void removeUnfinished() throws IOException {
        for (Path entry : Folders.list(folder.resolve(CELLS))) {
            Matcher hidden = HIDDEN.matcher(entry.getFileName().toString());
            boolean unfinished = hidden.matches() && (!hidden.group(2).equals(SCRATCH) || Files.isDirectory(entry.resolveSibling(hidden.group(1))));
            Optional<FileLock> lock = unfinished ? locks.tryLock(number(hidden.group(1))) : Optional.empty();
            if (lock.isPresent()) {
                Folders.delete(entry);
                lock.get().release();
            }
        }
    }

    /** What may be done by one process at a time. */
    public void exclusively(Runnable action) {
        FileLock lock = WriteException.checked(folder, () -> locks.lock(0));
        try {
            action.run();
        } finally {
            release(lock);
        }
    }

    /** Whether a finished cell is there, its content not looked at. */
    public boolean has(ContentKey key) {
        return has(folder, key);
    }

    /** As {@link #has(ContentKey)}, of a folder that is not opened. */
    public static boolean has(Path folder, ContentKey key) {
        return Files.isDirectory(place(folder, key));
    }

    /**
     * A finished cell, its files checked.
     *
     * @param result the class of its result
     * @return empty if it is missing, or was damaged and is now out of the way
     */
    public <R> Optional<StoredCell<ContentKey, R>> find(ContentKey key, Class<R> result) {
        if (!has(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(key, result));
        } catch (BadInputException e) {
            return readClaimed(key, result);
        }
    }

    private <R> StoredCell<ContentKey, R> read(ContentKey key, Class<R> result) {
        StoredCell<ContentKey, R> cell = StoredCell.read(place(key), ContentKey.class, result);
        if (!cell.key().equals(key)) {
            throw CellJson.damaged(place(key), "holds another cell");
        }
        return cell;
    }

    // Another process may have forgotten its parameters meanwhile, which is no damage; under a claim none can. Who claims it now sees to it.
    private <R> Optional<StoredCell<ContentKey, R>> readClaimed(ContentKey key, Class<R> result) {
        if (claimed.contains(key.sha256())) {
            return readOrSetAside(key, result);
        }
        try (Claim claim = claim(key)) {
            return claim == null ? Optional.empty() : readOrSetAside(key, result);
        }
    }

    private <R> Optional<StoredCell<ContentKey, R>> readOrSetAside(ContentKey key, Class<R> result) {
        if (!has(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(key, result));
        } catch (BadInputException e) {
            // An interrupted thread can read no file.
            Interruption.check();
            setAside(key, e.getMessage());
            return Optional.empty();
        }
    }

    private void setAside(ContentKey key, String reason) {
        Path aside = folder.resolve(DAMAGED).resolve(key.sha256() + "-" + UUID.randomUUID().toString().substring(0, 8));
        WriteException.checked(folder, () -> {
            Files.createDirectories(aside.getParent());
            return Files.move(place(key), aside, StandardCopyOption.ATOMIC_MOVE);
        });
        warnings.accept("a cell was damaged and is made again (" + reason.replaceFirst(";.*", "") + "); it lies in " + aside);
    }

    /** The right to make a cell, until it is closed. */
    public final class Claim implements AutoCloseable {

        private final String sha256;
        private final FileLock lock;

        private Claim(String sha256, FileLock lock) {
            this.sha256 = sha256;
            this.lock = lock;
        }

        @Override
        public void close() {
            claimed.remove(sha256);
            release(lock);
        }
    }

    /** Claims a cell; null if somebody else makes it now. */
    public Claim claim(ContentKey key) {
        String sha256 = key.sha256();
        Optional<FileLock> lock = WriteException.checked(folder, () -> locks.tryLock(number(sha256)));
        lock.ifPresent(held -> claimed.add(sha256));
        return lock.map(held -> new Claim(sha256, held)).orElse(null);
    }

    /** Whether nobody makes a cell now. */
    public boolean isFree(ContentKey key) {
        try (Claim claim = claim(key)) {
            return claim != null;
        }
    }

    // Lock 0 is the folder's.
    private static long number(String sha256) {
        return 1 + Long.parseLong(sha256.substring(0, NUMBER_DIGITS), 16);
    }

    private void release(FileLock lock) {
        try {
            // An interrupted thread's channels are closed, and with them its locks.
            if (lock.isValid()) {
                lock.release();
            }
        } catch (IOException e) {
            throw new WriteException(folder, e);
        }
    }

    /**
     * Keeps a finished cell that was claimed, in place of one without parameters. When this returns, it is on the disk.
     *
     * @param parameters by name; none to keep the result alone
     * @throws WriteException if it cannot be written; then there is nothing of it
     */
    public <R> void put(ContentKey key, R result, Map<String, ? extends TensorData> parameters) {
        requireClaimed(key);
        WriteException.checked(folder, () -> {
            if (has(key)) {
                StoredCell.remove(place(key), folder.resolve(CELLS).resolve("." + key.sha256() + "." + UUID.randomUUID() + ".tmp"));
            }
            StoredCell.write(place(key), key, result, parameters);
            Folders.delete(scratch(key));
            return null;
        });
    }

    /** Deletes a claimed cell's parameters, if it has any, and what a kill left of them; keeps its result. */
    public void forget(StoredCell<ContentKey, ?> cell) {
        requireClaimed(cell.key());
        WriteException.checked(folder, () -> {
            cell.forget();
            return null;
        });
    }

    /** The folder, perhaps not there yet, for what a claimed cell keeps until it is finished: another process finds it there after a kill. */
    public Path scratch(ContentKey key) {
        requireClaimed(key);
        return folder.resolve(CELLS).resolve("." + key.sha256() + "." + SCRATCH);
    }

    private void requireClaimed(ContentKey key) {
        if (!claimed.contains(key.sha256())) {
            throw new IllegalStateException("the cell was not claimed: " + key.fields());
        }
    }

    private Path place(ContentKey key) {
        return place(folder, key);
    }

    private static Path place(Path folder, ContentKey key) {
        return folder.resolve(CELLS).resolve(key.sha256());
    }

    @Override
    public void close() {
        WriteException.checked(folder, () -> {
            locks.close();
            return null;
        });
    }
}
