package org.primer4j.engine;

import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.primer4j.engine.natives.Natives;

/** The native engine of this process. */
public final class Engine {

    private static volatile boolean loaded;

    private Engine() {}

    /**
     * Loads the native libraries; harmless when they are loaded.
     *
     * @throws EngineException with the cause when they cannot be loaded
     */
    public static void load() {
        if (loaded) {
            return;
        }
        try {
            Loader.load(Natives.class);
            Natives.primer_isa();
            loaded = true;
        } catch (UnsatisfiedLinkError | RuntimeException e) {
            throw new EngineException("the native engine cannot be loaded on " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ": " + e.getMessage(), e);
        }
    }

    /**
     * The instruction set that the CPU kernels use: avx512, avx2 or x86-64; the best that the processor has, or a lesser one
     * that the environment variable {@code PRIMER_ISA} names.
     */
    public static String instructionSet() {
        load();
        return Natives.primer_isa().getString();
    }

    /**
     * Why this process does not compute with bf16 weights, a clause; empty where it does. It needs a processor with avx512_bf16:
     * without one bf16 would be slower than float32.
     */
    public static String bf16Obstacle() {
        load();
        return Natives.primer_obstacle(Natives.primer_cpu(), WeightType.BF16.ordinal()).getString();
    }

    /** Names of the native libraries that are loaded, sorted. */
    public static List<String> libraries() {
        load();
        return Loader.getLoadedLibraries().keySet().stream().sorted().toList();
    }

    /** Bytes of native memory now held by all open resources of the process. */
    public static long allocatedBytes() {
        load();
        return Natives.primer_allocated_bytes();
    }
}
