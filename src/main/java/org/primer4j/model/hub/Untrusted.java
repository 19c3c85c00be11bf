package org.primer4j.model.hub;

import java.util.regex.Pattern;

/** Text from a server, a file or a user, made fit for an error message. */
final class Untrusted {

    private static final int LONGEST = 120;
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private Untrusted() {
    }

    /** At most 120 characters on one line. */
    static String shown(String text) {
        String head = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        return UNPRINTABLE.matcher(head).replaceAll("?");
    }
}
