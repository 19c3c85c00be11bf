package org.primer4j.bench;

import java.util.List;
import org.primer4j.BadInputException;

/**
 * Checks of a benchmark's options; each error is one sentence that names command, option, what was found and what was expected.
 *
 * @param command as on the command line, such as {@code bench train}
 */
record OptionChecks(String command) {

    /** The largest batch, so that a batch's pairs can be counted. */
    static final int MOST_BATCH = 1 << 12;
    /** The most of anything else that is counted. */
    static final int MOST = 1 << 16;
    /** All rows lie in memory before the clock starts. */
    private static final int MOST_ROWS = 1 << 20;

    void require(boolean right, String option, Object found, String expected) {
        if (!right) {
            throw new BadInputException(command + ": " + option + " is " + found + "; expected " + expected + ".");
        }
    }

    void between(String option, int found, int least, int most) {
        require(found >= least && found <= most, option, found, least + " to " + most);
    }

    void positive(String option, double found) {
        require(found > 0 && found < Double.POSITIVE_INFINITY, option, found, "a number above 0");
    }

    /**
     * Checks what every benchmark has.
     *
     * @param rows of a step
     */
    void work(int steps, int warmup, double rows) {
        between("--steps", steps, 1, MOST);
        between("--warmup", warmup, 0, MOST);
        double all = (steps + warmup) * rows;
        require(all <= MOST_ROWS, "the number of rows in all steps", (long) all, "at most " + MOST_ROWS);
    }

    /** Checks options that every benchmark has. */
    void shared(int rank, int seed) {
        between("--rank", rank, 1, MOST);
        require(seed >= 0, "--seed", seed, "at least 0");
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
