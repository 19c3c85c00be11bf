package org.primer4j.experiment.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.primer4j.experiment.report.SortableTable.Column;

/** A matrix as a sortable table whose cells are coloured by {@link ColourScale}, with the scale below. */
final class HeatMap {

    private HeatMap() {
    }

    /**
     * A cell.
     *
     * @param value   what it is coloured and sorted by, NaN where there is none
     * @param text    the value as shown
     * @param details further lines below it
     * @param firm    whether the value's interval leaves 0 out: such values are bold
     * @param link    the part of the page that shows more, null if there is none
     */
    record Cell(double value, String text, List<String> details, boolean firm, String link) {

        /** A cell with nothing to show but why. */
        static Cell empty(String text) {
            return new Cell(Double.NaN, text, List.of(), false, null);
        }
    }

    /**
     * A row.
     *
     * @param name   its heading
     * @param detail a line below the heading
     */
    record Row(String name, String detail, List<Cell> cells) {
    }

    /**
     * Draws the matrix.
     *
     * @param label  what it shows, for screen readers
     * @param corner heading of the rows' names
     * @param unit   what stands behind the edges of the scale
     */
    static void draw(Markup page, String label, String corner, List<String> columns, List<Row> rows, String unit) {
        ColourScale scale = ColourScale.of(rows.stream().flatMap(row -> row.cells().stream()).mapToDouble(Cell::value));
        SortableTable.open(page, label, "heat", columns(corner, columns));
        rows.forEach(row -> row(page, row, scale));
        SortableTable.close(page);
        key(page, scale, unit);
    }

    private static List<Column> columns(String corner, List<String> names) {
        return Stream.concat(Stream.of(new Column(corner, false)),
                names.stream().map(name -> new Column(name, true))).toList();
    }

    private static void row(Markup page, Row row, ColourScale scale) {
        page.open("tr").open("th", "scope", "row").element("bdi", row.name(), "title", row.name())
                .element("small", row.detail()).close();
        row.cells().forEach(cell -> cell(page, cell, scale));
        page.close().text("\n");
    }

    private static void cell(Markup page, Cell cell, ColourScale scale) {
        String style = "number " + scale.style(cell.value()) + (cell.firm() ? " firm" : "");
        page.open("td", "class", style, "data-value", SortableTable.sortValue(cell.value()));
        if (cell.link() == null) {
            page.element("span", cell.text());
        } else {
            page.element("a", cell.text(), "href", "#" + cell.link());
        }
        cell.details().stream().filter(Objects::nonNull).forEach(line -> page.element("small", line));
        page.close();
    }

    private static void key(Markup page, ColourScale scale, String unit) {
        page.open("div", "class", "key", "aria-hidden", "true").open("span", "class", "swatches");
        IntStream.rangeClosed(-ColourScale.LEVELS, ColourScale.LEVELS).filter(level -> level != 0)
                .forEach(level -> page.element("i", "", "class", ColourScale.style(level)));
        page.close().open("span", "class", "edges");
        for (double edge : scale.edges()) {
            page.element("span", edge == 0 ? "0" : edge(edge) + unit);
        }
        page.close().close();
    }

    private static String edge(double edge) {
        String digits = new BigDecimal(edge).round(new MathContext(2)).stripTrailingZeros().toPlainString();
        return edge > 0 ? "+" + digits : digits;
    }
}
