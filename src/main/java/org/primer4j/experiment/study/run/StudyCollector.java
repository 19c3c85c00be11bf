package org.primer4j.experiment.study.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.primer4j.experiment.ContentKey;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.StoredCell;
import org.primer4j.experiment.study.StudyCost;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyPriming;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.run.StudyPlan.PrimingCell;
import org.primer4j.experiment.study.run.StudyPlan.PrimingName;
import org.primer4j.experiment.study.run.StudyPlan.RunName;
import org.primer4j.priming.Recipe;

/** Collects the results and costs of the cells that are there. A cell is read once. */
final class StudyCollector {

    private final StudyPlan plan;
    private final StudyManifest manifest;
    private final SharedCells cells;
    private final Map<ContentKey, Object> known = new HashMap<>();

    StudyCollector(StudyPlan plan, StudyManifest manifest, SharedCells cells) {
        this.plan = plan;
        this.manifest = manifest;
        this.cells = cells;
    }

    StudyResults results() {
        List<StudyPriming> primings = new ArrayList<>();
        plan.primings().forEach((name, cell) -> find(cell.key(), PrimingOutcome.class).ifPresent(found -> primings.add(priming(name, cell, found))));
        List<StudyRun> runs = new ArrayList<>();
        plan.tunings().forEach((name, cell) -> find(cell.key(), TuningOutcome.class).ifPresent(found -> runs.add(run(name, found))));
        return StudyResults.of(manifest, primings, runs);
    }

    StudyCosts costs() {
        List<StudyCost> costs = new ArrayList<>();
        plan.primings().forEach((name, cell) -> find(cell.key(), PrimingOutcome.class).ifPresent(found -> costs.add(new StudyCost(StudyCost.PRIMING,
                name.recipe(), name.method(), null, null, found.seconds(), found.bytes(), found.examples()))));
        plan.tunings().forEach((name, cell) -> find(cell.key(), TuningOutcome.class).ifPresent(found -> costs.add(new StudyCost(StudyCost.TUNING,
                name.recipe(), name.method(), name.task(), name.sample(), found.seconds(), found.bytes(), found.examples()))));
        return StudyCosts.of(costs);
    }

    private <R> Optional<R> find(ContentKey key, Class<R> type) {
        if (!known.containsKey(key)) {
            cells.find(key, type).map(StoredCell::result).ifPresent(result -> known.put(key, result));
        }
        return Optional.ofNullable(type.cast(known.get(key)));
    }

    private static StudyPriming priming(PrimingName name, PrimingCell cell, PrimingOutcome outcome) {
        Recipe recipe = cell.recipe().recipe();
        return new StudyPriming(name.recipe(), name.method(), recipe.algorithm().text(), recipe.tune().text(),
                recipe.inner() == null ? null : recipe.inner().text(), outcome.tasks(), outcome.steps(), outcome.bestStep(), outcome.curve(),
                outcome.examples(), outcome.tokens());
    }

    private static StudyRun run(RunName name, TuningOutcome outcome) {
        Map<String, Object> chosen = new LinkedHashMap<>();
        chosen.put("learning_rate", outcome.rate());
        chosen.put("batch", outcome.batch());
        return new StudyRun(name.recipe(), name.method(), name.task(), outcome.type(), outcome.metric(), name.sample(), outcome.devScore(),
                outcome.testScore(), outcome.chance(), outcome.undefined(), outcome.diverged(), chosen, outcome.curve());
    }
}
