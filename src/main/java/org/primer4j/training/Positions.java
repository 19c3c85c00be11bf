package org.primer4j.training;

import org.primer4j.BadInputException;

/** The positions that a model has for the tokens of a text. */
final class Positions {

    private Positions() {}

    /**
     * Refuses a length that does not fit.
     *
     * @param option the command line's option that the length comes from
     * @param virtual tokens of a method before the text's own
     * @param most positions that the model has for both
     */
    static void require(String option, long length, long virtual, int most) {
        if (length + virtual > most) {
            throw new BadInputException(option + " is " + length + "; expected at most " + Math.max(0, most - virtual)
                + ", the positions this model has" + (virtual == 0 ? "." : " beside " + virtual + " virtual tokens."));
        }
    }
}
