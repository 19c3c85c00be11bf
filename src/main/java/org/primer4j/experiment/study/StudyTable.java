package org.primer4j.experiment.study;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.primer4j.Format;
import org.primer4j.experiment.TextCell;

/** A study's tables as text with aligned columns, and as Markdown. The same summary gives the same text. */
public final class StudyTable {

    private static final String BETWEEN = "  ";

    private StudyTable() {
    }

    /** For {@code table.txt} and a terminal; as wide as the names need, lines ending in "\n". */
    public static String text(StudySummary summary) {
        return String.join("\n", headline(summary)) + "\n"
                + StudyGrids.of(summary).stream().map(StudyTable::text).collect(Collectors.joining());
    }

    /** For a page, under a heading of the second level. */
    public static String markdown(StudySummary summary) {
        return headline(summary).stream().map(StudyTable::escaped).collect(Collectors.joining("\n\n")) + "\n"
                + StudyGrids.of(summary).stream().map(StudyTable::markdown).collect(Collectors.joining());
    }

    private static List<String> headline(StudySummary summary) {
        return List.of("%s: %d of %d runs".formatted(TextCell.printable(summary.manifest().name()), summary.runs(),
                        summary.manifest().plannedRuns()),
                "Highest ARG: " + best(summary.bestByArg(), summary), "Highest mean score: " + best(summary.bestByScore(), summary));
    }

    private static String best(Optional<RecipeResult> best, StudySummary summary) {
        return best.map(result -> "%s, ARG %s (95 %% interval %s%s), mean score %s against %s of direct tuning (difference %s, 95 %% interval %s), the best of %s"
                .formatted(TextCell.printable(result.recipe()), Format.gain(result.gain().arg().skippingUndefined()),
                        Format.interval(result.gain().arg().interval()), withoutOne(result.gain().leaveOneOut()), Format.score(result.gain().primed()),
                        Format.score(result.gain().direct()), Format.difference(result.gain().difference()),
                        Format.differenceInterval(result.gain().differenceInterval()),
                        Format.count(summary.manifest().recipes().size(), "recipe"))).orElse("no recipe has all tasks yet");
    }

    private static String withoutOne(LeaveOneTaskOut found) {
        return found.mostInfluential() == null ? ""
                : "; %s without %s".formatted(Format.gain(found.without()), TextCell.printable(found.mostInfluential()));
    }

    private static String text(Grid grid) {
        int[] widths = IntStream.range(0, grid.header().size()).map(column -> widest(grid, column)).toArray();
        String rows = grid.rows().stream().map(row -> line(grid, row, widths)).collect(Collectors.joining());
        return "\n" + TextCell.printable(grid.title()) + "\n" + line(grid, grid.header(), widths) + rows + (grid.note().isEmpty() ? "" : TextCell.printable(grid.note()) + "\n");
    }

    private static int widest(Grid grid, int column) {
        int cells = grid.rows().stream().mapToInt(row -> TextCell.width(TextCell.printable(row.get(column)))).max().orElse(0);
        return Math.max(cells, TextCell.width(TextCell.printable(grid.header().get(column))));
    }

    private static String line(Grid grid, List<String> cells, int[] widths) {
        return IntStream.range(0, cells.size()).mapToObj(column -> TextCell.pad(cells.get(column), widths[column], column >= grid.names()))
                .collect(Collectors.joining(BETWEEN)).stripTrailing() + "\n";
    }

    private static String markdown(Grid grid) {
        String rule = IntStream.range(0, grid.header().size()).mapToObj(column -> column < grid.names() ? "---" : "---:")
                .collect(Collectors.joining("|", "|", "|\n"));
        return "\n### " + escaped(grid.title()) + "\n\n" + row(grid.header()) + rule
                + grid.rows().stream().map(StudyTable::row).collect(Collectors.joining())
                + (grid.note().isEmpty() ? "" : "\n" + escaped(grid.note()) + "\n");
    }

    private static String row(List<String> cells) {
        return cells.stream().map(StudyTable::escaped).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** Names may hold what Markdown or HTML would take for markup. */
    private static String escaped(String text) {
        return TextCell.printable(text).replace("&", "&amp;").replaceAll("[\\\\|`*_\\[\\]#~]", "\\\\$0").replace("<", "&lt;");
    }
}
