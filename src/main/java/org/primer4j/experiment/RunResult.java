package org.primer4j.experiment;

import java.util.List;
import java.util.Map;
import org.primer4j.Checks;
import org.primer4j.training.CurvePoint;

/**
 * One adapter tuned on one few-shot sample of one task.
 *
 * @param task      the task's name in its gym
 * @param type      the task's kind, as {@code classification}
 * @param metric    the task's metric, by CrossFit's name
 * @param method    what was tuned: lora, houlsby, prefix+parallel, ...
 * @param objective matching, joint or seq2seq
 * @param start     where tuning started: {@link #UNPRIMED} or {@link #PRIMED}
 * @param sample    the few-shot sample's seed
 * @param devScore  dev score of the chosen setting, in the metric's unit (not percent)
 * @param testScore test score of the chosen setting
 * @param chance    test score of the majority label or of random choice
 * @param undefined dev and test scores that have no value, as a correlation of constant predictions, and count as 0
 * @param diverged  cells of the grid whose loss, gradient or scores were not finite; each counts with its best dev score before that
 * @param settings  the chosen setting: learning rate, steps, batch, ... (see {@link Settings})
 * @param curve     loss and dev score over the steps
 * @param seconds   wall time
 */
public record RunResult(String task, String type, String metric, String method, String objective, String start,
                        int sample, double devScore, double testScore, double chance, int undefined, int diverged, Map<String, Object> settings,
                        List<CurvePoint> curve, double seconds) {

    public static final String UNPRIMED = "unprimed";
    public static final String PRIMED = "primed";

    public RunResult {
        Checks.notBlank("task", task);
        Checks.present("type", type);
        Checks.present("metric", metric);
        Checks.notBlank("method", method);
        Checks.notBlank("objective", objective);
        Checks.oneOf("start", start, UNPRIMED, PRIMED);
        Checks.finite("devScore", devScore);
        Checks.finite("testScore", testScore);
        Checks.finite("chance", chance);
        Checks.notNegative("undefined", undefined);
        Checks.notNegative("diverged", diverged);
        Checks.duration("seconds", seconds);
        settings = Settings.canonical(settings);
        curve = Checks.list("curve", curve);
    }

    /** What this run is compared by: everything that names it, without its scores. */
    Key key() {
        return new Key(task, method, objective, start, sample);
    }

    record Key(String task, String method, String objective, String start, int sample) {

        @Override
        public String toString() {
            return "task \"%s\", %s %s, %s, sample %d".formatted(task, method, objective, start, sample);
        }
    }
}
