package org.primer4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.progress.Progress;
import org.primer4j.progress.Terminal;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err progress, log, errors
 */
record Console(PrintStream out, PrintStream err) {

    private static final JsonMapper JSON = new JsonMapper();

    /** A line of the log. */
    void log(String line) {
        err.println(line);
        err.flush();
    }

    /** One JSON object on one line of the results. */
    void json(Map<String, ?> fields) {
        print(line(fields));
    }

    /** A JSON object as a line; a number that JSON does not have becomes null. */
    static String line(Map<String, ?> fields) {
        Map<String, Object> valid = new LinkedHashMap<>();
        fields.forEach((name, value) -> valid.put(name, value instanceof Double number && !Double.isFinite(number) ? null : value));
        try {
            return JSON.writeValueAsString(valid) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of numbers and strings did not serialise", e);
        }
    }

    /** Text among the results. */
    void print(String text) {
        out.print(text);
        out.flush();
    }

    /** For a command that writes on and on: ends it when nobody takes the results. */
    void requireWritten() {
        if (out.checkError()) {
            throw new IllegalStateException("standard output could not be written");
        }
    }

    /** Whether results may be coloured. */
    boolean isColoured() {
        return out == System.out && Terminal.isStdout();
    }

    Progress progress() {
        return err == System.err ? Progress.forStderr() : Progress.lines(err);
    }
}
