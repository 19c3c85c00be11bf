package org.primer4j.engine;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * Shared libraries on the class path: the CUDA backend's own, and NVIDIA's where the system lacks them and JavaCPP's redistributable jar
 * ({@code org.bytedeco:cuda}, classifier {@code linux-x86_64-redist}) is there. What is loaded, the backend finds by its name.
 */
final class CudaLibraries {

    private static final String BACKEND = "natives/%s/libprimer_cuda.so";
    private static final String REDISTRIBUTED = "/org/bytedeco/cuda/%s/";
    private static final String CUDNN = "libcudnn.so.9";
    /** What cuDNN loads by itself, in the order that it needs. */
    private static final List<String> CUDNN_PARTS = Stream.of("graph", "engines_precompiled", "engines_runtime_compiled", "heuristic", "ops", "adv", "cnn")
        .map(part -> "libcudnn_" + part + ".so.9").toList();

    private CudaLibraries() {}

    /** The backend's library as a file; null when this build has none. */
    static String backend() {
        File file = file(BACKEND.formatted(Loader.getPlatform()));
        return file == null ? null : file.getPath();
    }

    /** Loads what the class path has of the libraries that the system lacks. */
    static void provide(List<String> missing) {
        for (String name : missing) {
            List<File> files = new ArrayList<>();
            Stream.concat(Stream.of(name), name.equals(CUDNN) ? CUDNN_PARTS.stream() : Stream.of())
                .map(part -> file(REDISTRIBUTED.formatted(Loader.getPlatform()) + part)).filter(file -> file != null).forEach(files::add);
            files.forEach(CudaLibraries::load);
        }
    }

    private static void load(File file) {
        try {
            System.load(file.getPath());
        } catch (UnsatisfiedLinkError e) {
            throw new EngineException(file + " cannot be loaded: " + e.getMessage(), e);
        }
    }

    // A jar's resource is unpacked into JavaCPP's cache, beside the others of its folder.
    private static File file(String resource) {
        URL found = CudaLibraries.class.getResource(resource);
        if (found == null) {
            return null;
        }
        try {
            return Loader.cacheResource(found);
        } catch (IOException e) {
            throw new EngineException(resource + " cannot be unpacked: " + e.getMessage(), e);
        }
    }
}
