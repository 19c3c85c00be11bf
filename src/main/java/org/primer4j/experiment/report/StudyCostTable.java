package org.primer4j.experiment.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.primer4j.Format;
import org.primer4j.experiment.report.SortableTable.Cell;
import org.primer4j.experiment.study.CostTotal;
import org.primer4j.experiment.study.StudyCost;
import org.primer4j.experiment.study.StudyCosts;

/** What each recipe cost, priming and tuning apart: examples, time and memory. */
final class StudyCostTable {

    private static final Cell NONE = Cell.of("-", Double.NaN);

    private StudyCostTable() {
    }

    static void draw(Markup page, List<String> recipes, StudyCosts costs) {
        List<CostTotal> totals = CostTotal.of(costs);
        SortableTable.draw(page, "Cost by recipe", SortableTable.columns("recipe", "#primings", "#examples", "#priming time", "#priming MB",
                "#runs", "#seconds a run", "#tuning time", "#tuning MB"), recipes.stream()
                .map(recipe -> row(recipe, total(totals, recipe, StudyCost.PRIMING), total(totals, recipe, StudyCost.TUNING))).toList());
    }

    private static Optional<CostTotal> total(List<CostTotal> totals, String recipe, String phase) {
        return totals.stream().filter(total -> total.recipe().equals(recipe) && total.phase().equals(phase)).findFirst();
    }

    private static List<Cell> row(String recipe, Optional<CostTotal> priming, Optional<CostTotal> tuning) {
        return List.of(Cell.of(recipe), count(priming.map(CostTotal::entries)), count(priming.map(CostTotal::examples)), time(priming), memory(priming),
                count(tuning.map(CostTotal::entries)), perRun(tuning), time(tuning), memory(tuning));
    }

    private static Cell count(Optional<? extends Number> count) {
        return count.map(number -> Cell.of(number.longValue())).orElse(NONE);
    }

    private static Cell time(Optional<CostTotal> total) {
        return total.map(cost -> Cell.of(Format.duration(cost.seconds()), cost.seconds())).orElse(NONE);
    }

    private static Cell perRun(Optional<CostTotal> total) {
        return total.map(cost -> cost.seconds() / cost.entries())
                .map(seconds -> Cell.of(String.format(Locale.ROOT, "%.1f", seconds), seconds)).orElse(NONE);
    }

    private static Cell memory(Optional<CostTotal> total) {
        // 0 where it is not known.
        return count(total.filter(cost -> cost.bytes() > 0).map(cost -> Math.round(cost.bytes() / 1e6)));
    }
}
