package org.primer4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.run.Study;
import org.primer4j.experiment.study.run.StudyFolder;
import org.primer4j.experiment.study.run.StudyPlan;
import org.primer4j.experiment.study.run.StudySetup;
import org.primer4j.experiment.study.spec.Presets;

/**
 * Says what a study is and what it found.
 *
 * @param json one JSON object a line
 */
record StudyPrinter(Console console, boolean json) {

    void presets() {
        for (String name : Presets.NAMES) {
            if (json) {
                console.json(Map.of("preset", name, "description", Presets.description(name)));
            } else {
                console.print(name + "\t" + Presets.description(name) + "\n");
            }
        }
    }

    /**
     * What would be done.
     *
     * @param out the study's folder, whose finished cells are counted; null for none
     */
    void plan(StudySetup setup, Path out) {
        Study study = Study.of(setup);
        StudyPlan plan = study.plan();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("experiment", setup.spec().name());
        fields.put("train_tasks", setup.tasks().train().size());
        fields.put("dev_tasks", setup.tasks().dev().size());
        fields.put("test_tasks", setup.tasks().test().size());
        fields.put("samples", setup.spec().samples().size());
        fields.put("recipes", setup.spec().recipes().size());
        fields.put("methods", setup.spec().methods().size());
        fields.put("primings", plan.primingCells());
        fields.put("tuning_cells", plan.tuningCells());
        if (out != null) {
            fields.put("finished_cells", StudyFolder.finished(out, study));
        }
        fields.put("runs", plan.tunings().size());
        fields.put("rows", plan.work());
        fields.put("most_bytes", plan.startBytes(setup.model()));
        if (json) {
            console.json(fields);
        } else {
            fields.forEach((name, value) -> console.print(name + "\t" + value + "\n"));
        }
    }

    /** @param tables the results as text, asked for where they are shown */
    void results(StudyResults results, Supplier<String> tables) {
        if (json) {
            results.runs().forEach(run -> console.json(fields(run)));
        } else {
            console.print(tables.get());
        }
    }

    private static Map<String, Object> fields(StudyRun run) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("recipe", run.recipe());
        fields.put("method", run.method());
        fields.put("task", run.task());
        fields.put("sample", run.sample());
        fields.put("dev_score", run.devScore());
        fields.put("test_score", run.testScore());
        return fields;
    }
}
