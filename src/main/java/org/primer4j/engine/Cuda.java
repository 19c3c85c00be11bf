package org.primer4j.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.natives.Natives;

/** The CUDA backend's library, and the devices it brings. */
public final class Cuda {

    /** System property with the library's path, instead of the one that was built. */
    public static final String LIBRARY_PROPERTY = "primer.cuda.library";

    private static final Map<Integer, Long> OPEN = new HashMap<>();
    private static String library;

    private Cuda() {}

    /** Why there is no CUDA device, a clause; empty where there is one. */
    public static String obstacle() {
        try {
            devices();
            return "";
        } catch (EngineException e) {
            return e.getMessage();
        }
    }

    /** What there is of driver, libraries and devices, by name, each present or what to do about it; empty where there is no backend to ask. */
    public static Map<String, String> findings() {
        Map<String, String> findings = new LinkedHashMap<>();
        try {
            Natives.primer_library_report(library()).lines().map(line -> line.split(": ", 2)).forEach(line -> findings.put(line[0], line[1]));
        } catch (EngineException e) {
            // The obstacle says why.
        }
        return findings;
    }

    /** Devices that can be opened. */
    private static int devices() {
        String path = library();
        return (int) NativeCall.get(null, () -> Natives.primer_library_devices(path));
    }

    private static synchronized String library() {
        Engine.load();
        String path = path();
        if (!path.equals(library)) {
            NativeCall.run(null, () -> CudaLibraries.provide(Natives.primer_library_missing(path).lines().toList()));
            library = path;
        }
        return path;
    }

    private static String path() {
        String named = System.getProperty(LIBRARY_PROPERTY);
        if (named != null && !Files.isRegularFile(Path.of(named))) {
            throw new EngineException(named + ", which -D" + LIBRARY_PROPERTY + " names, is not there");
        }
        String path = named == null ? CudaLibraries.backend() : named;
        if (path == null) {
            throw new EngineException("this build has no CUDA backend; build with nvcc on the path, or name its library by -D" + LIBRARY_PROPERTY);
        }
        return path;
    }

    /** The handle of a device; it stays open until the process ends. */
    static synchronized long open(int ordinal) {
        return OPEN.computeIfAbsent(ordinal, Cuda::opened);
    }

    private static long opened(int ordinal) {
        int count;
        try {
            count = devices();
        } catch (EngineException e) {
            throw new BadInputException("No CUDA device can be used: " + e.getMessage() + ".", e);
        }
        if (ordinal < 0 || ordinal >= count) {
            throw new BadInputException("There is no device cuda:" + ordinal + "; this machine has " + count + ", numbered from 0.");
        }
        try {
            return Natives.primer_open(library(), ordinal);
        } catch (RuntimeException e) {
            throw new BadInputException("The device cuda:" + ordinal + " cannot be opened: " + e.getMessage() + ".", e);
        }
    }
}
