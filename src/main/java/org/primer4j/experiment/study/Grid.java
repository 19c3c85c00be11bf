package org.primer4j.experiment.study;

import java.util.List;

/**
 * A table of text, before it is set for a terminal or in Markdown.
 *
 * @param title  what it shows
 * @param names  number of leading columns that hold names, which are set to the left; the others hold numbers
 * @param header the columns' headings
 * @param rows   the rows, each as long as the header
 * @param note   how to read it, in a sentence; empty for none
 */
record Grid(String title, int names, List<String> header, List<List<String>> rows, String note) {

    Grid {
        header = List.copyOf(header);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException("%s: a row has %d cells, expected %d".formatted(title, row.size(), header.size()));
            }
        }
    }
}
