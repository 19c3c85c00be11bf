package org.primer4j.engine;

import java.util.function.LongSupplier;

/** Calls of the native engine, whose exceptions become {@link EngineException}s. */
final class NativeCall {

    private NativeCall() {}

    /** @param what stands before the message; null for nothing */
    static void run(Object what, Runnable call) {
        get(what, () -> {
            call.run();
            return 0;
        });
    }

    /** @param what stands before the message; null for nothing */
    static long get(Object what, LongSupplier call) {
        try {
            return call.getAsLong();
        } catch (RuntimeException e) {
            throw new EngineException((what == null ? "" : what + ": ") + e.getMessage(), e);
        }
    }
}
