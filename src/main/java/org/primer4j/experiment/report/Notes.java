package org.primer4j.experiment.report;

import org.primer4j.Format;

/** What a reader must know of the runs behind the scores; nothing is said where nothing happened. */
final class Notes {

    private Notes() {
    }

    /** @param scores number of dev and test scores without a value */
    static void undefined(Markup page, int scores) {
        if (scores > 0) {
            page.element("p", Format.count(scores, "score") + " had no value (a correlation of constant predictions, or of texts that are no "
                    + "numbers) and counted as 0; see the table of runs.", "class", "muted note");
        }
    }

    /** @param cells number of cells of the grids that diverged */
    static void diverged(Markup page, int cells) {
        if (cells > 0) {
            page.element("p", Format.count(cells, "cell") + " of the grids of learning rates and batch sizes diverged (a loss, gradient or score that "
                    + "is not finite) and ended there, with the best dev score so far, if any; see the table of runs.", "class", "muted note");
        }
    }
}
