package org.primer4j.model.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/**
 * The fields of one {@code config.json}. A field without a default is required: one taken silently would be another model. The
 * defaults given are those of the format, for fields that transformers leaves out or that are younger than the format.
 */
record ConfigFields(Path file, JsonNode root) {

    BadInputException bad(String sentence) {
        return new BadInputException(file + ": " + sentence + ".");
    }

    boolean has(String field) {
        return root.hasNonNull(field);
    }

    String text(String field) {
        return required(field, root.path(field).isTextual(), "a string").textValue();
    }

    String text(String field, String whenAbsent) {
        return has(field) ? text(field) : whenAbsent;
    }

    int whole(String field) {
        JsonNode found = root.path(field);
        return required(field, found.isIntegralNumber() && found.canConvertToInt(), "a whole number").intValue();
    }

    int whole(String field, int whenAbsent) {
        return has(field) ? whole(field) : whenAbsent;
    }

    /** A whole number, or null when the field is absent or null. */
    Integer optionalWhole(String field) {
        return has(field) ? (Integer) whole(field) : null;
    }

    double number(String field) {
        return required(field, root.path(field).isNumber(), "a number").doubleValue();
    }

    double number(String field, double whenAbsent) {
        return has(field) ? number(field) : whenAbsent;
    }

    boolean truth(String field) {
        return required(field, root.path(field).isBoolean(), "true or false").booleanValue();
    }

    boolean truth(String field, boolean whenAbsent) {
        return has(field) ? truth(field) : whenAbsent;
    }

    private JsonNode required(String field, boolean right, String expected) {
        JsonNode found = root.path(field);
        if (!found.isMissingNode() && right) {
            return found;
        }
        throw bad(found.isMissingNode() ? field + " is missing; expected " + expected
                : "found " + field + " " + Text.shorten(found.toString()) + "; expected " + expected);
    }

    /** Refuses a field that is there and not null. */
    void refuse(String field, String expected) {
        if (has(field)) {
            throw bad("found " + field + "; expected " + expected);
        }
    }

    /** Refuses a truth value that changes the computation to one that is not there. */
    void require(String field, boolean expected, String why) {
        if (truth(field, expected) != expected) {
            throw bad("found " + field + " " + !expected + "; expected " + why);
        }
    }

    /** Refuses a number that changes the computation to one that is not there. */
    void require(String field, double expected, String why) {
        double found = number(field, expected);
        if (found != expected) {
            throw bad("found " + field + " " + found + "; expected " + why);
        }
    }
}
