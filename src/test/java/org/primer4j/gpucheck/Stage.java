package org.primer4j.gpucheck;

import java.time.Duration;

/**
 * A part of the check.
 *
 * @param name as {@code --only} takes it
 * @param limit it may take at most
 * @param alone whether nothing may run beside it: it measures time or memory, or others need what it makes
 */
record Stage(String name, Duration limit, boolean alone, Body body) {

    /** What it does. */
    interface Body {

        /** @param limit what is left of its time */
        void run(Setting setting, Findings findings, Duration limit) throws Exception;
    }

    static Stage alone(String name, int seconds, Body body) {
        return new Stage(name, Duration.ofSeconds(seconds), true, body);
    }

    static Stage beside(String name, int seconds, Body body) {
        return new Stage(name, Duration.ofSeconds(seconds), false, body);
    }

    /** The same with another limit. */
    Stage within(Duration other) {
        return new Stage(name, other, alone, body);
    }

    /** Runs it; whatever goes wrong is found, not thrown. */
    StageResult run(Setting setting, Duration left) {
        Findings findings = new Findings();
        Duration mayTake = limit.compareTo(left) < 0 ? limit : left;
        long start = System.nanoTime();
        boolean leftOut = false;
        try {
            if (mayTake.isNegative() || mayTake.isZero()) {
                throw new IllegalStateException("no time was left for it");
            }
            body.run(setting, findings, mayTake);
        } catch (Findings.LeftOut e) {
            leftOut = true;
            findings.problem(e.getMessage());
        } catch (Exception | AssertionError e) {
            findings.problem(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        return findings.result(name, leftOut, (System.nanoTime() - start) * 1e-9, mayTake.toMillis() * 1e-3);
    }
}
