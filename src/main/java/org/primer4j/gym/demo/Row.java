package org.primer4j.gym.demo;

/**
 * One generated example.
 *
 * @param input the text to classify, one line without tabs
 * @param output the label, or for multiple choice the text of the right option
 * @param template the sentence pattern the input was drawn from, word-list slots left open, as {@code {person} waved.}
 */
record Row(String input, String output, String template) {

    Row {
        if (input.isBlank() || output.isBlank() || hasBreak(input) || hasBreak(output)) {
            throw new IllegalArgumentException("a row needs one line of text on each side, found '" + input + "' and '" + output + "'");
        }
    }

    /** The row as a line of a task file, without the line's end. */
    String line() {
        return input + "\t" + output;
    }

    private static boolean hasBreak(String text) {
        return text.indexOf('\t') >= 0 || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }
}
