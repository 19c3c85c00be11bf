package org.primer4j.gym;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.BadInputException;

/** Reads a task's file: {@code input<TAB>output}, further accepted outputs in further fields. */
final class ExampleFile {

    private ExampleFile() {
    }

    /**
     * The examples; the one at index i stands on line i + 1.
     *
     * @throws BadInputException if the file is missing, empty or not UTF-8, or a line has no tab or a blank field
     */
    static List<Example> read(Path file) {
        List<String> lines = TextFile.lines(file);
        List<Example> examples = new ArrayList<>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            examples.add(parse(file + ":" + (i + 1), lines.get(i)));
        }
        return examples;
    }

    private static Example parse(String place, String line) {
        List<String> fields = Arrays.asList(line.split("\t", -1));
        if (fields.size() < 2) {
            throw new BadInputException(place + ": found no tab in '" + shortened(line) + "'; expected input<TAB>output.");
        }
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).isBlank()) {
                throw new BadInputException(place + ": the " + (i == 0 ? "input" : "output") + " (field " + (i + 1)
                        + ") is empty; expected input<TAB>output.");
            }
        }
        return new Example(fields.get(0), fields.subList(1, fields.size()));
    }

    private static String shortened(String line) {
        return line.length() <= 40 ? line : line.substring(0, 40) + "...";
    }
}
