package org.primer4j.priming;

import java.util.Locale;
import java.util.Map;
import org.primer4j.progress.Progress;
import org.primer4j.training.CurvePoint;
import org.primer4j.training.LossCurve;
import org.primer4j.training.Schedule;

/** The steps of one priming, with looks at dev tasks in between. */
final class PrimingRun {

    private static final int MOST_POINTS = 200;

    private final Recipe recipe;
    private final OuterLoop loop;
    private final Theta theta;
    private final DevScore<?> devScore;
    private final Progress progress;
    private final PrimingListener listener;
    private final long start = System.nanoTime();
    private final LossCurve curve;
    private int bestStep;
    private double bestDev = Double.NEGATIVE_INFINITY;
    private int looksSinceBest;
    private Map<String, Float> bestRates = Map.of();

    /** @param devScore how good theta is now; null where dev tasks are not looked at */
    PrimingRun(Recipe recipe, OuterLoop loop, Theta theta, DevScore<?> devScore, Progress progress, PrimingListener listener) {
        this.recipe = recipe;
        this.loop = loop;
        this.theta = theta;
        this.devScore = devScore;
        this.progress = progress;
        this.listener = listener;
        this.curve = new LossCurve(recipe.outer().training().steps(), MOST_POINTS);
    }

    /**
     * Runs all steps, or as many as patience allows; theta is the best one afterwards, without dev tasks the last.
     *
     * @param tasks number of train tasks, for the result
     */
    Primed run(int tasks) {
        int steps = recipe.outer().training().steps();
        Schedule schedule = recipe.outer().training().schedule(recipe.outer().rate());
        progress.start("priming", steps);
        int done = 0;
        while (done < steps && !isOutOfPatience()) {
            double rate = schedule.rate(done);
            double loss = loop.step(rate);
            done++;
            tell(done, loss, isDue(done, steps) ? look(done) : null, rate);
        }
        if (devScore == null) {
            bestStep = done;
            bestRates = loop.innerRates();
        } else if (bestStep < done) {
            theta.restore();
        }
        PrimingResult result = new PrimingResult(tasks, done, curve.points(), seconds(), loop.examples(), loop.tokens());
        return new Primed(theta.model(), theta.peftStartNow(), bestRates, bestStep, result, bytes());
    }

    private long bytes() {
        return loop.bytes() + (devScore == null ? 0 : devScore.bytes());
    }

    private boolean isDue(int done, int steps) {
        return devScore != null && (done % recipe.validation().every() == 0 || done == steps);
    }

    private boolean isOutOfPatience() {
        int patience = recipe.validation().patience();
        return devScore != null && patience > 0 && looksSinceBest >= patience;
    }

    private double look(int done) {
        double dev = devScore.now();
        looksSinceBest++;
        if (dev > bestDev) {
            bestDev = dev;
            bestStep = done;
            looksSinceBest = 0;
            theta.keep();
            bestRates = loop.innerRates();
        }
        return dev;
    }

    private void tell(int done, double loss, Double dev, double rate) {
        if (curve.add(done, loss, dev)) {
            CurvePoint point = curve.last();
            String score = dev == null ? "" : String.format(Locale.ROOT, ", dev %.3f", dev);
            progress.step(done, String.format(Locale.ROOT, "loss %.3f%s", point.loss(), score));
        }
        listener.stepped(new PrimingStep(done, loss, dev, rate, loop.examples(), loop.tokens(), seconds()));
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }
}
