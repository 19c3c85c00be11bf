package org.primer4j.experiment.study.spec;

import com.fasterxml.jackson.core.JsonToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * A piece of a YAML file that knows where it stands, so that a complaint can name the line.
 *
 * @param file  the file's name, for complaints
 * @param line  where the piece begins, from 1
 * @param value a {@link Scalar}, a {@code List<YamlNode>} or a {@code Map<String, YamlNode>}
 */
record YamlNode(String file, int line, Object value) {

    /**
     * A single value.
     *
     * @param token what YAML takes it for
     * @param text  as it stands in the file
     */
    record Scalar(JsonToken token, String text) {

        @Override
        public String toString() {
            return token == JsonToken.VALUE_NULL || text.isEmpty() ? "empty" : "'" + text + "'";
        }
    }

    /** The entries of a map; any other value is refused. */
    @SuppressWarnings("unchecked")
    Map<String, YamlNode> map(String name) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, YamlNode>) map;
        }
        throw bad(name + " is " + shown() + "; expected keys with values, as 'key: value'");
    }

    /** The items of a list; any other value is refused. */
    @SuppressWarnings("unchecked")
    List<YamlNode> list(String name) {
        if (value instanceof List<?> list) {
            return (List<YamlNode>) list;
        }
        throw bad(name + " is " + shown() + "; expected a list, as '[a, b]'");
    }

    /** A map without one of its keys. */
    YamlNode without(String key) {
        Map<String, YamlNode> rest = new LinkedHashMap<>(map(key));
        rest.remove(key);
        return new YamlNode(file, line, rest);
    }

    boolean isMap() {
        return value instanceof Map<?, ?>;
    }

    boolean isList() {
        return value instanceof List<?>;
    }

    /** What stands there, for a complaint. */
    String shown() {
        return isMap() ? "a map" : isList() ? "a list" : value.toString();
    }

    /** A complaint in one sentence. */
    BadInputException bad(String sentence) {
        return new BadInputException(file + ":" + line + ": " + sentence + ".");
    }
}
