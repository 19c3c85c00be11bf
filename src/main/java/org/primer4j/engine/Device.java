package org.primer4j.engine;

/**
 * Where a program runs: a value to print and to assert.
 *
 * @param kind the backend; only the CPU so far
 * @param threads threads of a CPU program
 */
public record Device(Kind kind, int threads) {

    /** Backends. */
    public enum Kind {
        CPU
    }

    private static final int MOST_THREADS = 1024;

    public Device {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("a CPU device has 1 to " + MOST_THREADS + " threads, not " + threads);
        }
    }

    /** The CPU with so many threads. */
    public static Device cpu(int threads) {
        return new Device(Kind.CPU, threads);
    }

    /** The CPU with a thread for each processor that the process may use. */
    public static Device cpu() {
        return cpu(Runtime.getRuntime().availableProcessors());
    }

    @Override
    public String toString() {
        return "cpu (" + Engine.instructionSet() + ", " + threads + (threads == 1 ? " thread)" : " threads)");
    }
}
