package org.primer4j.experiment;

/**
 * The summary as a table for a terminal, at most {@link #COLUMNS} columns wide. One row per task and variant: mean test
 * scores unprimed and primed, the relative gain, the score of the best unprimed alternative and which one it was.
 */
public final class TextTable {

    public static final int COLUMNS = 100;

    private static final int TASK = 29;
    private static final int VARIANT = 17;
    private static final int SCORE = 8;
    private static final int GAIN = 11;
    private static final String BOLD = "\u001b[1m";
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    private final StringBuilder text = new StringBuilder();
    private final boolean colour;

    private TextTable(boolean colour) {
        this.colour = colour;
    }

    /**
     * The table, lines ending in "\n".
     *
     * @param colour whether to colour gains and headings by ANSI sequences: only for a terminal
     */
    public static String render(Summary summary, boolean colour) {
        TextTable table = new TextTable(colour);
        table.line("task", "method", "unprimed", "primed", "gain", "best unprimed", BOLD, BOLD);
        summary.variants().forEach(variant -> variant.rows().forEach(table::row));
        boolean oneStart = summary.variants().stream().allMatch(VariantSummary::oneStart);
        summary.variants().forEach(oneStart ? table::means : table::totals);
        return table.text.toString();
    }

    private void row(TaskRow row) {
        String gain = row.complete() ? Format.gain(row.gain()) : "not paired";
        String best = row.bestUnprimedOf() == null ? "-"
                : Format.score(row.bestUnprimed()) + " " + row.bestUnprimedOf();
        line(row.task(), row.variant().toString(), Format.score(row.unprimed()), Format.score(row.primed()), gain, best,
                "", row.complete() ? sign(row.gain()) : "");
    }

    // Of a single start there is a mean and nothing to compare it with.
    private void means(VariantSummary total) {
        text.append('\n');
        line("mean over " + Format.count(total.rows().size(), "task"), total.variant().toString(),
                Format.score(total.mean(TaskRow::unprimed)), Format.score(total.mean(TaskRow::primed)), "", "", BOLD, "");
    }

    private void totals(VariantSummary total) {
        text.append('\n');
        line("mean over " + Format.count(total.tasks(), "task"), total.variant().toString(),
                Format.score(total.unprimed()), Format.score(total.primed()), "", Format.score(total.bestUnprimed()),
                BOLD, "");
        if (total.tasks() > 0) {
            arg("ARG", total.gain());
            arg("ARG over best unprimed", total.gainOverBest());
            sentence("  " + Format.count(total.wins(), "task") + " better, " + total.losses() + " worse");
        }
        note(total.gain().skipped(), "skipped in the ARG: a baseline of 0 has no relative gain");
        note(total.gainOverBest().skipped(), "skipped in the ARG over best unprimed, for the same reason");
        note(total.incomplete(), "left out: not run on the same samples from both starts");
    }

    private void arg(String name, Arg arg) {
        String gain = paint(sign(arg.skippingUndefined()), pad(Format.gain(arg.skippingUndefined()), GAIN, true));
        sentence("  " + pad(name, 24, false) + gain + "   95 % interval " + Format.interval(arg.interval()));
    }

    private void note(int tasks, String what) {
        if (tasks > 0) {
            sentence("  " + Format.count(tasks, "task") + " " + what);
        }
    }

    private void line(String task, String variant, String unprimed, String primed, String gain, String best,
                      String nameStyle, String gainStyle) {
        String line = paint(nameStyle, pad(task, TASK, false)) + " " + pad(variant, VARIANT, false)
                + pad(unprimed, SCORE + 1, true) + pad(primed, SCORE, true) + paint(gainStyle, pad(gain, GAIN, true))
                + "  " + pad(best, COLUMNS - TASK - VARIANT - 2 * SCORE - GAIN - 4, false);
        sentence(line);
    }

    private void sentence(String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    private String paint(String style, String cell) {
        return colour && !style.isEmpty() ? style + cell + PLAIN : cell;
    }

    private static String sign(double gain) {
        return gain > 0 ? GREEN : gain < 0 ? RED : "";
    }

    /** The cell at exactly {@code width} columns: cut with "..." or padded, to the left if {@code right}. */
    private static String pad(String cell, int width, boolean right) {
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
    private static String printable(String cell) {
        return cell.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    }

    /** Columns taken: combining marks none, ideographs and everything beyond the basic plane two. */
    private static int width(String cell) {
        return cell.codePoints().map(TextTable::width).sum();
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
