package org.primer4j.priming;

import java.util.Arrays;
import java.util.Locale;

/** Which parameters a loop of priming moves. */
public enum Tunables {

    /** The model's own tensors, with the objective's head. */
    PLM,
    /** The parameters of a method of parameter-efficient tuning, with the objective's head. */
    PEFT,
    /** All of these. */
    BOTH;

    /** Whether the model's own tensors move. */
    public boolean plm() {
        return this != PEFT;
    }

    /** Whether the method's parameters move. */
    public boolean peft() {
        return this != PLM;
    }

    /** The name on the command line and in files. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The choice of a name.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static Tunables of(String text) {
        return Arrays.stream(values()).filter(t -> t.text().equals(text)).findFirst().orElseThrow(() ->
            new IllegalArgumentException("there is no choice '" + text + "' of what moves; expected plm, peft or both"));
    }
}
