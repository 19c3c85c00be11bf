package org.primer4j.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.primer4j.BadInputException;

/** Checks of what stands on the command line; each throws BadInputException. */
final class Valid {

    private Valid() {
    }

    /** What is made of options; the record's own complaint becomes the user's. */
    static <T> T of(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new BadInputException(sentence(e.getMessage()), e);
        }
    }

    private static String sentence(String message) {
        return Character.toUpperCase(message.charAt(0)) + message.substring(1) + (message.endsWith(".") ? "" : ".");
    }

    static void probability(String option, double found) {
        require(found >= 0 && found < 1, option, found, "a probability in [0, 1)");
    }

    static void positive(String option, double found) {
        require(found > 0 && found < Double.POSITIVE_INFINITY, option, found, "a number above 0");
    }

    static void notNegative(String option, double found) {
        require(found >= 0 && found < Double.POSITIVE_INFINITY, option, found, "0 or a number above");
    }

    static void atLeast(String option, long found, long least) {
        require(found >= least, option, found, "at least " + least);
    }

    static void between(String option, long found, long least, long most) {
        require(found >= least && found <= most, option, found, least + " to " + most);
    }

    /** Refuses an empty list and a value that stands in it twice. */
    static <T> List<T> distinct(String option, List<T> found) {
        Set<T> seen = new HashSet<>();
        for (T value : found) {
            require(seen.add(value), option, found, "each value once, but " + value + " stands there twice");
        }
        require(!found.isEmpty(), option, found, "at least one value");
        return found;
    }

    static void require(boolean holds, String option, Object found, String expected) {
        if (!holds) {
            throw new BadInputException(option + " is " + found + "; expected " + expected + ".");
        }
    }
}
