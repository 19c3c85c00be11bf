package org.primer4j.generation;

import java.util.Locale;

/** When beam search leaves a source that has as many finished hypotheses as beams ({@code early_stopping}). */
public enum EarlyStopping {
    /** When the best running hypothesis, scored at its present length, is no better than the worst finished one. */
    FALSE,
    /** At once. */
    TRUE,
    /** When the best running hypothesis could not become better at any length it may still reach. */
    NEVER;

    /** As Hugging Face's configuration writes it: false, true or never. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException naming what was found and expected */
    public static EarlyStopping of(String text) {
        for (EarlyStopping known : values()) {
            if (known.text().equals(text)) {
                return known;
            }
        }
        throw new IllegalArgumentException("found early_stopping " + text + "; expected false, true or never");
    }
}
