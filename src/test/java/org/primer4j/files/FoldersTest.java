package org.primer4j.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {

    @TempDir
    Path folder;

    @Test
    void entriesAreSorted() throws IOException {
        Path b = Files.createFile(folder.resolve("b"));
        Path a = Files.createDirectory(folder.resolve("a"));
        assertEquals(List.of(a, b), Folders.list(folder));
        assertEquals(List.of(), Folders.list(folder.resolve("none")));
        assertThrows(NotDirectoryException.class, () -> Folders.list(b));
    }

    @Test
    void linksAreDeletedAndNotFollowed() throws IOException {
        Path kept = Files.createFile(Files.createDirectory(folder.resolve("kept")).resolve("file"));
        Path doomed = Files.createDirectories(folder.resolve("doomed/deep")).getParent();
        Files.createSymbolicLink(doomed.resolve("deep/link"), kept.getParent());
        Folders.delete(doomed);
        Folders.delete(doomed);
        assertFalse(Files.exists(doomed));
        assertTrue(Files.exists(kept));
    }

    /** Not as the unchecked exception of a stream of entries. */
    @Test
    void whatCannotBeReadIsAnIoException() throws IOException {
        Path closed = Files.createDirectories(folder.resolve("open/closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        assumeTrue(!Files.isReadable(closed), "this user may read everywhere");
        assertThrows(IOException.class, () -> Folders.delete(closed.getParent()));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
}
