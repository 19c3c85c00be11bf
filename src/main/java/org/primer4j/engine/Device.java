package org.primer4j.engine;

import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.primer4j.BadInputException;
import org.primer4j.engine.natives.Natives;

/**
 * Where memory lies and programs run: a value to print and to assert.
 *
 * @param kind the backend
 * @param ordinal number of the device among those of its kind
 * @param threads threads of a CPU program; 1 elsewhere
 * @param weights how frozen weights are kept
 */
public record Device(Kind kind, int ordinal, int threads, WeightType weights) {

    /** Backends. */
    public enum Kind {
        CPU, CUDA
    }

    /** The most threads of a program. */
    public static final int MOST_THREADS = 1024;

    private static final Pattern NAME = Pattern.compile("cpu|cuda(:[0-9]{1,4})?");

    /**
     * @throws BadInputException when this process does not compute in the type of the weights, or there is no such device
     */
    public Device {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("a CPU device has 1 to " + MOST_THREADS + " threads, not " + threads);
        }
        long handle = handle(kind, ordinal);
        String obstacle = weights == WeightType.F32 ? "" : Natives.primer_obstacle(handle, weights.ordinal()).getString();
        if (!obstacle.isEmpty()) {
            throw new BadInputException(refusal(kind, weights).formatted(obstacle));
        }
    }

    /** The CPU with so many threads, and float32 weights. */
    public static Device cpu(int threads) {
        return new Device(Kind.CPU, 0, threads, WeightType.F32);
    }

    /** The CPU with a thread for each processor that the process may use, and float32 weights. */
    public static Device cpu() {
        return cpu(Runtime.getRuntime().availableProcessors());
    }

    /**
     * A CUDA device, and float32 weights.
     *
     * @throws BadInputException when there is no such device, with the reason
     */
    public static Device cuda(int ordinal) {
        return new Device(Kind.CUDA, ordinal, 1, WeightType.F32);
    }

    /**
     * The device of a name: cpu, cuda (the first) or cuda:N; with float32 weights.
     *
     * @param threads of the CPU
     * @throws IllegalArgumentException when there is no such name
     * @throws BadInputException when there is no such device, with the reason
     */
    public static Device of(String name, int threads) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the device is '" + name + "'; expected cpu, cuda or cuda:N");
        }
        int colon = name.indexOf(':');
        return name.equals("cpu") ? cpu(threads) : cuda(colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1)));
    }

    /**
     * The same with frozen weights of another type.
     *
     * @throws BadInputException when this process does not compute in that type
     */
    public Device withWeights(WeightType type) {
        return new Device(kind, ordinal, threads, type);
    }

    /** The same with frozen weights as it likes them best: bf16 on a GPU that computes with it, else float32. */
    public Device withFittingWeights() {
        boolean bf16 = kind == Kind.CUDA && Natives.primer_obstacle(handle(), WeightType.BF16.ordinal()).getString().isEmpty();
        return withWeights(bf16 ? WeightType.BF16 : WeightType.F32);
    }

    private static String refusal(Kind kind, WeightType weights) {
        if (kind == Kind.CUDA) {
            return "Products in " + weights + " cannot be computed there: %s; expected a GPU of compute capability 8.0 or newer, or fp32.";
        }
        return weights == WeightType.TF32 ? "Products in tf32 cannot be computed on the CPU: %s; expected fp32 or bf16."
            : "Frozen weights cannot be kept as bf16: %s; expected a processor with avx512_bf16 (AMD Zen 4, Intel Cooper Lake, or newer), or fp32.";
    }

    /** Whether the host can read and write its memory directly. */
    boolean isHost() {
        return kind == Kind.CPU;
    }

    /** Whether addresses of one mean the same to the other. */
    boolean sameMemory(Device other) {
        return kind == other.kind && ordinal == other.ordinal;
    }

    /** The native handle. */
    long handle() {
        return handle(kind, ordinal);
    }

    private static long handle(Kind kind, int ordinal) {
        Engine.load();
        return kind == Kind.CPU ? Natives.primer_cpu() : Cuda.open(ordinal);
    }

    /** Bytes that could still be allocated. */
    public long freeBytes() {
        return NativeCall.get(this, () -> Natives.primer_free_bytes(handle()));
    }

    /** Whether it has a kernel for an op. */
    public boolean hasKernel(String name) {
        return Natives.primer_kernel(handle(), name) >= 0;
    }

    /** Number of the kernel of an op. */
    int kernel(String name) {
        int kernel = Natives.primer_kernel(handle(), name);
        if (kernel < 0) {
            throw new EngineException("the " + kind + " backend has no kernel for the op " + name);
        }
        return kernel;
    }

    /** What the last bits of results depend on besides threads and weights: two devices of one make give the same. */
    public String make() {
        return kind == Kind.CPU ? "cpu, " + Engine.instructionSet() : "cuda, " + describe();
    }

    @Override
    public String toString() {
        String name = kind == Kind.CPU ? Engine.instructionSet() + ", " + threads + (threads == 1 ? " thread" : " threads") : describe();
        return (kind == Kind.CPU ? "cpu" : "cuda:" + ordinal) + " (" + name + (weights == WeightType.F32 ? ")" : ", " + weights + " weights)");
    }

    /** Which implementations of ops the device has chosen so far where it has several (docs/cuda-cudnn.md), a line each; mostly none. */
    public List<String> choices() {
        try (BytePointer text = Natives.primer_choices(handle())) {
            return text.getString().lines().toList();
        }
    }

    private String describe() {
        try (BytePointer text = Natives.primer_describe(handle())) {
            return text.getString();
        }
    }
}
