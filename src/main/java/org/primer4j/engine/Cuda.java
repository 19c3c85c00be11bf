package org.primer4j.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.natives.Natives;

/** The CUDA backend's library, and the devices it brings. */
public final class Cuda {

    /** System property with the library's path. */
    public static final String LIBRARY_PROPERTY = "primer.cuda.library";

    private static final Map<Integer, Long> OPEN = new HashMap<>();

    private Cuda() {}

    /** Why there is no CUDA device, a clause; empty where there is one. */
    public static String obstacle() {
        try {
            return count() > 0 ? "" : "the driver knows no device";
        } catch (BadInputException e) {
            return e.getMessage();
        }
    }

    /** Lines {@code name: finding} on driver, libraries and devices. */
    public static String report() {
        Engine.load();
        return Natives.primer_library_report(library());
    }

    /** Devices that can be opened. */
    static int count() {
        Engine.load();
        String library = library();
        try {
            return Natives.primer_library_devices(library);
        } catch (RuntimeException e) {
            throw new BadInputException("No CUDA device can be used: " + e.getMessage() + ".", e);
        }
    }

    private static String library() {
        String path = System.getProperty(LIBRARY_PROPERTY);
        if (path == null) {
            throw new BadInputException("This build has no CUDA backend; build with nvcc on the path, or name its library by -D" + LIBRARY_PROPERTY + ".");
        }
        if (!Files.isRegularFile(Path.of(path))) {
            throw new BadInputException(path + ", which -D" + LIBRARY_PROPERTY + " names, is not there.");
        }
        return path;
    }

    /** The handle of a device; it stays open until the process ends. */
    static synchronized long open(int ordinal) {
        Long handle = OPEN.get(ordinal);
        if (handle == null) {
            int count = count();
            if (ordinal < 0 || ordinal >= count) {
                throw new BadInputException("There is no device cuda:" + ordinal + "; this machine has " + count + ", numbered from 0.");
            }
            handle = opened(ordinal);
            OPEN.put(ordinal, handle);
        }
        return handle;
    }

    private static long opened(int ordinal) {
        try {
            return Natives.primer_open(library(), ordinal);
        } catch (RuntimeException e) {
            throw new BadInputException("The device cuda:" + ordinal + " cannot be opened: " + e.getMessage() + ".", e);
        }
    }
}
