package org.primer4j.priming;

import java.util.List;
import org.primer4j.Checks;
import org.primer4j.training.CurvePoint;

/**
 * What the priming phase did.
 *
 * @param tasks    number of train tasks
 * @param steps    optimizer steps
 * @param curve    training loss over the steps
 * @param seconds  wall time
 * @param examples examples read, repeats counted
 * @param tokens   real tokens read, no padding
 */
public record PrimingResult(int tasks, int steps, List<CurvePoint> curve, double seconds, long examples, long tokens) {

    public PrimingResult {
        Checks.notNegative("tasks", tasks);
        Checks.notNegative("steps", steps);
        Checks.duration("seconds", seconds);
        Checks.notNegative("examples", examples);
        Checks.notNegative("tokens", tokens);
        curve = Checks.list("curve", curve);
    }
}
