package org.primer4j.bench;

import java.util.List;
import org.primer4j.BadInputException;

/**
 * Checks of a benchmark's options; each error is one sentence that names command, option, what was found and what was expected.
 *
 * @param command as on the command line, such as {@code bench train}
 */
record OptionChecks(String command) {

    void require(boolean right, String option, Object found, String expected) {
        if (!right) {
            throw new BadInputException(command + ": " + option + " is " + found + "; expected " + expected + ".");
        }
    }

    void atLeast(String option, int found, int least) {
        require(found >= least, option, found, "at least " + least);
    }

    void oneOf(String option, String found, List<String> known) {
        require(known.contains(found), option, found, "one of " + String.join(", ", known));
    }

    /** Refuses an option that the peer has and we do not. */
    void refusePeers(String option, boolean given, String why) {
        if (given) {
            throw new BadInputException(command + ": " + option + " is an option of the peer alone (" + why + "); leave it out.");
        }
    }
}
