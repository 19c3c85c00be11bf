package org.primer4j.experiment;

import static org.primer4j.experiment.TextCell.pad;

import java.util.stream.Stream;
import org.primer4j.Format;

/**
 * The summary as a table for a terminal, 100 columns wide if names are short. One row per task and variant:
 * mean test scores unprimed and primed, the relative gain, the score of the best unprimed alternative and which one it
 * was. Long names widen the table, and are cut only beyond {@value #LONGEST_NAME} columns, where they are no names.
 */
public final class TextTable {

    private static final int LONGEST_NAME = 60;
    private static final int TASK = 29;
    private static final int VARIANT = 17;
    private static final int SCORE = 8;
    private static final int GAIN = 11;
    /** Columns of a line with the longest names. */
    static final int MOST_COLUMNS = 3 * (LONGEST_NAME + SCORE) + GAIN + 4;
    private static final String BOLD = "\u001b[1m";
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    private final StringBuilder text = new StringBuilder();
    private final boolean colour;
    private final int taskWidth;
    private final int variantWidth;

    private TextTable(Summary summary, boolean colour) {
        this.colour = colour;
        taskWidth = widest(TASK, summary.variants().stream().flatMap(variant -> variant.rows().stream()).map(TaskRow::task));
        variantWidth = widest(VARIANT, summary.variants().stream().map(variant -> variant.variant().toString()));
    }

    private static int widest(int least, Stream<String> names) {
        int widest = names.mapToInt(name -> TextCell.width(TextCell.printable(name))).max().orElse(0);
        return Math.max(least, Math.min(widest, LONGEST_NAME));
    }

    /**
     * The table, lines ending in "\n".
     *
     * @param colour whether to colour gains and headings by ANSI sequences: only for a terminal
     */
    public static String render(Summary summary, boolean colour) {
        TextTable table = new TextTable(summary, colour);
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
        String line = paint(nameStyle, pad(task, taskWidth, false)) + " " + pad(variant, variantWidth, false)
                + pad(unprimed, SCORE + 1, true) + pad(primed, SCORE, true) + paint(gainStyle, pad(gain, GAIN, true))
                + "  " + pad(best, SCORE + variantWidth, false);
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
}
