package org.primer4j.progress;

/** Text that comes from files or users, made safe to print on one line. */
final class PlainText {

    private PlainText() {
    }

    /** {@code text} with a space for each line break and control character. */
    static String of(String text) {
        return text.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]+", " ").strip();
    }
}
