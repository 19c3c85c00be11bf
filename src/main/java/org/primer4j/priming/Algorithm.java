package org.primer4j.priming;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a model is primed on many tasks. */
public enum Algorithm {

    /** Multi-task learning: plain training on the rows of all tasks (Caruana 1997; Ye et al. 2021, sec. 5). */
    MTL,
    /** Model-agnostic meta-learning with exact second-order gradients (Finn et al. 2017, alg. 2). */
    MAML,
    /** MAML with the inner gradients taken as constants (Finn et al. 2017, sec. 5.2; Nichol et al. 2018, sec. 2). */
    FOMAML,
    /** Theta moves towards what the inner loop reaches (Nichol et al. 2018, alg. 1). */
    REPTILE,
    /** MAML whose inner loop moves the last layer only (Raghu et al. 2020). */
    ANIL;

    /** Whether tasks are learned in an inner loop. */
    public boolean isMeta() {
        return this != MTL;
    }

    /** Whether the meta-gradient goes through the inner loop, so that MAML++'s options are possible (Antoniou et al. 2019). */
    public boolean isSecondOrder() {
        return this == MAML || this == ANIL;
    }

    /** Whether AdamW moves theta along a gradient; Reptile interpolates instead. */
    public boolean hasOuterGradient() {
        return this != REPTILE;
    }

    /** The name on the command line and in files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names. */
    public static String names() {
        return Arrays.stream(values()).map(Algorithm::text).collect(Collectors.joining(", "));
    }

    /**
     * The algorithm of a name.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static Algorithm of(String text) {
        return Arrays.stream(values()).filter(a -> a.text().equals(text)).findFirst().orElseThrow(() ->
            new IllegalArgumentException("there is no algorithm '" + text + "'; expected one of " + names()));
    }
}
