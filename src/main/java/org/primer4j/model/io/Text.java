package org.primer4j.model.io;

import java.util.regex.Pattern;

/** Text of a file, made fit for an error message. */
final class Text {

    private static final int LONGEST = 200;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private Text() {
    }

    /** At most 200 characters of what was found, control characters replaced: hostile text must not fill the terminal. */
    static String shorten(String found) {
        String head = found.length() <= LONGEST ? found : found.substring(0, LONGEST) + "...";
        return CONTROL.matcher(head).replaceAll("?");
    }
}
