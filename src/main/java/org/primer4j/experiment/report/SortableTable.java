package org.primer4j.experiment.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table whose columns sort by a press on their headings. */
final class SortableTable {

    private SortableTable() {
    }

    /**
     * A cell.
     *
     * @param text   what is shown
     * @param number what a number column sorts by, null for a text cell
     */
    record Cell(String text, Double number) {

        static Cell of(String text) {
            return new Cell(text, null);
        }

        static Cell of(String text, double number) {
            return new Cell(text, number);
        }

        /** A count, its thousands apart. */
        static Cell of(long count) {
            return of(String.format(Locale.ROOT, "%,d", count), count);
        }
    }

    /** A column's heading. */
    record Column(String heading, boolean number) {
    }

    /** Columns by heading; a leading # marks numbers. */
    static List<Column> columns(String... headings) {
        return Arrays.stream(headings).map(heading -> new Column(heading.replaceFirst("^#", ""), heading.startsWith("#"))).toList();
    }

    static void draw(Markup page, String label, List<Column> columns, List<List<Cell>> rows) {
        open(page, label, null, columns);
        rows.forEach(row -> row(page, row));
        close(page);
    }

    /** Opens a table for its rows; {@code style} is a CSS class, or null. */
    static void open(Markup page, String label, String style, List<Column> columns) {
        page.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label)
                .open("table", "class", style);
        page.open("thead").open("tr");
        for (Column column : columns) {
            page.open("th", "scope", "col", "class", column.number() ? "number" : null)
                    .element("button", column.heading(), "type", "button").close();
        }
        page.close().close().open("tbody");
    }

    /** Closes what {@link #open} opened. */
    static void close(Markup page) {
        page.close().close().close();
    }

    private static void row(Markup page, List<Cell> cells) {
        page.open("tr");
        for (Cell cell : cells) {
            if (cell.number() == null) {
                page.open("td").element("bdi", cell.text(), "title", cell.text().length() > 40 ? cell.text() : null).close();
            } else {
                page.element("td", cell.text(), "class", "number", "data-value", sortValue(cell.number()));
            }
        }
        page.close().text("\n");
    }

    static String sortValue(double number) {
        return Double.isFinite(number) ? Double.toString(number) : "";
    }
}
