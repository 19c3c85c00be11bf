package org.primer4j.experiment.study;

import java.util.List;
import org.primer4j.Checks;
import org.primer4j.training.CurvePoint;

/**
 * One priming of the model by one recipe.
 *
 * @param recipe    the recipe's name
 * @param method    the method whose parameters took part, null where none did and all methods share this priming
 * @param algorithm mtl, maml, fomaml, anil or reptile
 * @param tune      what the outer loop moved: plm, peft or both
 * @param inner     what the inner loop moved, null for an algorithm without one
 * @param tasks     number of train tasks
 * @param steps     outer steps done
 * @param bestStep  the step whose parameters were kept, from 1 to {@code steps}; 0 for the start itself
 * @param curve     meta-loss, and mean score on the dev tasks where it was computed, over the outer steps
 * @param examples  examples read, repeats counted
 * @param tokens    real tokens read, no padding
 */
public record StudyPriming(String recipe, String method, String algorithm, String tune, String inner, int tasks, int steps,
                           int bestStep, List<CurvePoint> curve, long examples, long tokens) {

    private static final String[] PARAMETERS = {"plm", "peft", "both"};

    public StudyPriming {
        Checks.notBlank("recipe", recipe);
        if (method != null) {
            Checks.notBlank("method", method);
        }
        Checks.oneOf("algorithm", algorithm, "mtl", "maml", "fomaml", "anil", "reptile");
        Checks.oneOf("tune", tune, PARAMETERS);
        if (inner != null) {
            Checks.oneOf("inner", inner, PARAMETERS);
        }
        Checks.notNegative("tasks", tasks);
        Checks.notNegative("steps", steps);
        Checks.between("bestStep", bestStep, 0, steps);
        Checks.notNegative("examples", examples);
        Checks.notNegative("tokens", tokens);
        curve = Checks.list("curve", curve);
    }

    /** What names this priming in a sentence. */
    String label() {
        return "recipe \"%s\"%s".formatted(recipe, method == null ? "" : ", method \"" + method + "\"");
    }
}
