package org.primer4j.experiment.study;

import org.primer4j.Checks;

/**
 * What one priming or one tuning run cost. Unlike results, costs differ from one execution to the next.
 *
 * @param phase    {@link #PRIMING} or {@link #TUNING}
 * @param recipe   the recipe, {@link StudyRun#DIRECT} for tuning without priming
 * @param method   the method, null for a priming that all methods share
 * @param task     the test task, null in priming
 * @param sample   the few-shot sample's seed, null in priming
 * @param seconds  wall time
 * @param bytes    native memory planned for programs and parameters, at its highest
 * @param examples examples read, repeats counted
 */
public record StudyCost(String phase, String recipe, String method, String task, Integer sample, double seconds, long bytes,
                        long examples) {

    public static final String PRIMING = "priming";
    public static final String TUNING = "tuning";

    public StudyCost {
        Checks.oneOf("phase", phase, PRIMING, TUNING);
        Checks.notBlank("recipe", recipe);
        if (phase.equals(TUNING)) {
            Checks.notBlank("method", method);
            Checks.notBlank("task", task);
            Checks.present("sample", sample);
        }
        Checks.duration("seconds", seconds);
        Checks.notNegative("bytes", bytes);
        Checks.notNegative("examples", examples);
    }
}
