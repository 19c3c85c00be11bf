package org.primer4j.objective;

import java.util.Map;
import org.primer4j.BadInputException;

/**
 * Fields of an object of a JSON file.
 *
 * @param place the file, for errors
 */
public record Fields(Map<?, ?> map, Object place) {

    /**
     * A field of a type.
     *
     * @throws BadInputException if it is missing or of another type
     */
    public <T> T get(String field, Class<T> type) {
        Object found = map.get(field);
        if (!type.isInstance(found)) {
            throw new BadInputException(place + ": the field " + field + " is " + found + "; expected a " + type.getSimpleName() + ".");
        }
        return type.cast(found);
    }
}
