package org.primer4j.experiment;

/** Text in a terminal's columns: what it takes, and padding and cutting to a width. */
public final class TextCell {

    private TextCell() {
    }

    /** The cell at exactly {@code width} columns: cut with "..." or padded, to the left if {@code right}. */
    public static String pad(String cell, int width, boolean right) {
        String fitted = fit(printable(cell), width);
        String spaces = " ".repeat(width - width(fitted));
        return right ? spaces + fitted : fitted + spaces;
    }

    private static String fit(String cell, int width) {
        if (width(cell) <= width) {
            return cell;
        }
        String cut = cell;
        while (width(cut) > width - 3) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut + "...";
    }

    /** Without control, format and unassigned characters: a task's name must not move the cursor. */
    public static String printable(String cell) {
        return cell.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    }

    /** Columns taken: combining marks none, ideographs and everything beyond the basic plane two. */
    public static int width(String cell) {
        return cell.codePoints().map(TextCell::width).sum();
    }

    private static int width(int codePoint) {
        int type = Character.getType(codePoint);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        return codePoint > 0xFFFF || Character.isIdeographic(codePoint) || isWideScript(codePoint) ? 2 : 1;
    }

    private static boolean isWideScript(int codePoint) {
        return switch (Character.UnicodeScript.of(codePoint)) {
            case HANGUL, HIRAGANA, KATAKANA -> true;
            default -> false;
        };
    }
}
