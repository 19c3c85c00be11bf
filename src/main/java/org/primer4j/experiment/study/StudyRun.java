package org.primer4j.experiment.study;

import java.util.List;
import java.util.Map;
import org.primer4j.Checks;
import org.primer4j.experiment.Settings;
import org.primer4j.training.CurvePoint;

/**
 * One method tuned on one few-shot sample of one test task, from the model that one recipe primed.
 *
 * @param recipe    how the model was primed, {@link #DIRECT} for not at all
 * @param method    what was tuned: lora, houlsby, ...
 * @param task      the task's name in its gym
 * @param type      the task's kind, as {@code classification}
 * @param metric    the task's metric, by CrossFit's name
 * @param sample    the few-shot sample's seed
 * @param devScore  dev score of the chosen setting, in the metric's unit (not percent)
 * @param testScore test score of the chosen setting
 * @param chance    test score of the majority label or of random choice
 * @param undefined dev and test scores that have no value, as a correlation of constant predictions, and count as 0
 * @param diverged  cells of the grid whose loss, gradient or scores were not finite; each counts with its best dev score before that
 * @param settings  the chosen setting: learning rate, steps, batch, ... (see {@link Settings})
 * @param curve     loss and dev score over the steps of the chosen setting, by step; thinned, with every dev score
 */
public record StudyRun(String recipe, String method, String task, String type, String metric, int sample, double devScore,
                       double testScore, double chance, int undefined, int diverged, Map<String, Object> settings,
                       List<CurvePoint> curve) {

    /** The recipe without priming: the baseline of every gain. */
    public static final String DIRECT = "direct";

    public StudyRun {
        Checks.notBlank("recipe", recipe);
        Checks.notBlank("method", method);
        Checks.notBlank("task", task);
        Checks.present("type", type);
        Checks.present("metric", metric);
        Checks.finite("devScore", devScore);
        Checks.finite("testScore", testScore);
        Checks.finite("chance", chance);
        Checks.notNegative("undefined", undefined);
        Checks.notNegative("diverged", diverged);
        settings = Settings.canonical(settings);
        curve = Checks.list("curve", curve);
    }

    /** What names this run in a sentence. */
    String label() {
        return "recipe \"%s\", method \"%s\", task \"%s\", sample %d".formatted(recipe, method, task, sample);
    }
}
