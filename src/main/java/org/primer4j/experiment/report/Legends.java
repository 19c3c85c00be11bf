package org.primer4j.experiment.report;

import org.primer4j.experiment.RunResult;

/** What the marks of {@link Dumbbells} and the lines of {@link LineChart} stand for. The names are those of the two starts. */
final class Legends {

    private Legends() {
    }

    /** Marks of scores by task; {@code intervals} where these are drawn. */
    static void scores(Markup page, String before, String after, boolean intervals) {
        page.open("ul", "class", "legend");
        entry(page).empty("circle", "class", "unprimed", "cx", "50%", "cy", 6, "r", 5).close().element("bdi", before).text(" mean").close();
        entry(page).empty("circle", "class", "primed", "cx", "50%", "cy", 6, "r", 5.5).close().element("bdi", after).text(" mean").close();
        entry(page).empty("circle", "class", "sample unprimed", "cx", "30%", "cy", 6, "r", 2)
                .empty("circle", "class", "sample primed", "cx", "70%", "cy", 6, "r", 2).close().text("one sample").close();
        if (intervals) {
            entry(page).empty("line", "class", "interval unprimed", "x1", "0", "x2", "100%", "y1", 3, "y2", 3)
                    .empty("line", "class", "interval primed", "x1", "0", "x2", "100%", "y1", 9, "y2", 9).close()
                    .text("95 % interval over samples").close();
        }
        entry(page).empty("line", "class", "chance", "x1", "50%", "x2", "50%", "y1", 1, "y2", 11).close().text("chance").close();
        page.close();
    }

    /** The two starts' lines. */
    static void lines(Markup page, String before, String after) {
        page.open("ul", "class", "legend");
        line(page, RunResult.UNPRIMED, before);
        line(page, RunResult.PRIMED, after);
        page.close();
    }

    private static void line(Markup page, String style, String name) {
        page.open("li").open("svg", "height", 12, "viewBox", "0 0 24 12", "aria-hidden", "true")
                .empty("polyline", "class", style, "points", "1,6 23,6").close().element("bdi", name).close();
    }

    private static Markup entry(Markup page) {
        return page.open("li").open("svg", "height", 12, "aria-hidden", "true");
    }
}
