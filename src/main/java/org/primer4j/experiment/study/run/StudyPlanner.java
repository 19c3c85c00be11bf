package org.primer4j.experiment.study.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.Version;
import org.primer4j.experiment.ContentKey;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.run.StudyPlan.PrimingCell;
import org.primer4j.experiment.study.run.StudyPlan.TuningCell;
import org.primer4j.experiment.study.spec.MethodSpec;
import org.primer4j.experiment.study.spec.RecipeSpec;
import org.primer4j.experiment.study.spec.StudySpec;
import org.primer4j.training.TextChoice;

/** Names every cell of a study by all that bears on it. */
final class StudyPlanner {

    private final StudySetup setup;
    private final StudySpec spec;
    private final StudyData<?> data;
    private final Map<String, Object> common;

    StudyPlanner(StudySetup setup, StudyData<?> data) {
        this.setup = setup;
        this.spec = setup.spec();
        this.data = data;
        this.common = common();
    }

    StudyPlan plan() {
        StudyPlan.Builder plan = new StudyPlan.Builder();
        spec.methods().forEach(method -> tune(plan, StudyRun.DIRECT, null, method));
        for (RecipeSpec recipe : spec.recipes()) {
            PrimingCell shared = recipe.recipe().involvesPeft() ? null : priming(recipe, null);
            for (MethodSpec method : spec.methods()) {
                PrimingCell priming = shared != null ? shared : priming(recipe, method);
                plan.prime(recipe.name(), priming);
                tune(plan, recipe.name(), priming.key(), method);
            }
        }
        return plan.build();
    }

    private void tune(StudyPlan.Builder plan, String recipe, ContentKey start, MethodSpec method) {
        for (String task : setup.tasks().test()) {
            for (int sample : spec.samples()) {
                plan.tune(recipe, start, new TuningCell(method, task, sample, tuningKey(start, method, task, sample)));
            }
        }
    }

    private PrimingCell priming(RecipeSpec recipe, MethodSpec method) {
        Map<String, Object> key = new LinkedHashMap<>(common);
        key.put("phase", "priming");
        key.put("recipe", recipe.recipe().toMap());
        key.put("method", method == null ? null : method.identity());
        key.put("train", hashes(setup.tasks().train(), spec.priming().train()));
        boolean looks = recipe.recipe().validation().isOn();
        key.put("dev", looks ? hashes(setup.tasks().dev(), spec.priming().dev()) : List.of());
        key.put("dev_beams", looks ? TextChoice.beams(setup.learner()).get("dev") : null);
        return new PrimingCell(recipe, method, new ContentKey(key));
    }

    private ContentKey tuningKey(ContentKey start, MethodSpec method, String task, int sample) {
        Map<String, Object> key = new LinkedHashMap<>(common);
        key.put("phase", "tuning");
        key.put("start", start == null ? StudyRun.DIRECT : start.sha256());
        key.put("method", method.identity());
        key.put("tuning", method.tuning().toMap());
        key.put("beams", TextChoice.beams(setup.learner()));
        key.put("rows", row(task, sample));
        return new ContentKey(key);
    }

    private List<Object> hashes(List<String> tasks, List<Integer> samples) {
        List<Object> rows = new ArrayList<>();
        tasks.forEach(task -> samples.forEach(sample -> rows.add(row(task, sample))));
        return rows;
    }

    private List<Object> row(String task, int sample) {
        return List.of(task, sample, data.hash(task, sample));
    }

    private Map<String, Object> common() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("primer_version", Version.number());
        map.put("commit", Version.commit());
        map.put("device", setup.device().toString());
        map.put("model_sha256", setup.modelSha256());
        map.put("text", setup.learner().settings().toMap());
        map.put("max_tokens", setup.learner().maxTokens());
        map.put("seed", spec.seed());
        return map;
    }
}
