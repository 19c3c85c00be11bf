package org.primer4j.gym;

import java.util.List;

/**
 * One row of a task's file: a text and the text that should come out.
 *
 * @param input   what the model reads, never blank
 * @param outputs the accepted answers, at least one; the first is the one to learn
 */
public record Example(String input, List<String> outputs) {

    public Example {
        outputs = List.copyOf(outputs);
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException("an example needs an output: " + input);
        }
    }

    public Example(String input, String output) {
        this(input, List.of(output));
    }

    /** The answer to learn: the first accepted one. */
    public String output() {
        return outputs.get(0);
    }
}
