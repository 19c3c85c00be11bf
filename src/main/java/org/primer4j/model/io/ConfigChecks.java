package org.primer4j.model.io;

/** Checks of the fields of a {@code config.json}; each throws {@link IllegalArgumentException} naming field, found and expected. */
final class ConfigChecks {

    static final int MOST_ROWS = 10_000_000;
    static final int MOST_WIDTH = 1 << 18;
    static final int MOST_LAYERS = 1024;

    private ConfigChecks() {}

    static void check(boolean right, String field, Object found, String expected) {
        if (!right) {
            throw new IllegalArgumentException("found " + field + " " + Text.shorten(String.valueOf(found)) + "; expected " + expected);
        }
    }

    static void size(String field, int found, int most) {
        check(found >= 1 && found <= most, field, found, "a whole number from 1 to " + most);
    }

    static void probability(String field, double found) {
        check(found >= 0 && found < 1, field, found, "a probability in [0, 1)");
    }

    static void epsilon(String field, double found) {
        check(found > 0 && found < 1, field, found, "a number between 0 and 1");
    }

    static void tokenId(String field, int found, int vocabSize) {
        check(found >= 0 && found < vocabSize, field, found, "an id below vocab_size");
    }

    /** As tokenId; null is right. */
    static void optionalTokenId(String field, Integer found, int vocabSize) {
        check(found == null || found >= 0 && found < vocabSize, field, found, "an id below vocab_size");
    }
}
