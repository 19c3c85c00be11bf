package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.experiment.CurvePoint;
import org.primer4j.objective.EncodedExample;
import org.primer4j.random.Philox;

/**
 * Tunes on one sample of one task (CrossFit's protocol, Ye et al. 2021, sec. 4.2): for each learning rate train, look at dev
 * now and then, keep the best parameters over all rates, and score test once with those.
 */
public final class FewShotTuning {

    private static final String BEST = "best_values";
    private static final String BEST_OF_RUN = "best_values_of_run";

    /**
     * What came out.
     *
     * @param rate the chosen learning rate
     * @param curve loss and dev score of the chosen run
     */
    public record Outcome(double rate, double devScore, double testScore, List<CurvePoint> curve, double seconds) {}

    private final ScoringTrainer trainer;
    private final ScoringEvaluator evaluator;
    private final TuningSettings settings;

    /** @param evaluator shares the trainer's parameters */
    public FewShotTuning(ScoringTrainer trainer, ScoringEvaluator evaluator, TuningSettings settings) {
        this.trainer = trainer;
        this.evaluator = evaluator;
        this.settings = settings;
    }

    private record Run(double rate, double devScore, List<CurvePoint> curve) {}

    /** Tunes from start values drawn from {@code seed}; the trainer holds the chosen parameters afterwards. */
    public Outcome run(TaskData task, long seed) {
        long start = System.nanoTime();
        Run best = null;
        for (double rate : settings.rates()) {
            Run run = train(task, seed, rate);
            if (best == null || run.devScore() > best.devScore()) {
                best = run;
                trainer.parameters().copyLane(BEST_OF_RUN, BEST, 0);
            }
        }
        trainer.parameters().copyLane(BEST, Parameters.VALUES, 0);
        double test = score(task, task.test());
        return new Outcome(best.rate(), best.devScore(), test, best.curve(), (System.nanoTime() - start) / 1e9);
    }

    private Run train(TaskData task, long seed, double rate) {
        trainer.reset(seed);
        BatchOrder order = new BatchOrder(task.train(), settings.batch(), new Philox(seed, "batches " + task.info().name() + " " + task.sample()));
        Schedule schedule = settings.schedule(rate);
        List<CurvePoint> curve = new ArrayList<>();
        double bestDev = Double.NEGATIVE_INFINITY;
        for (int step = 0; step < settings.steps(); step++) {
            double loss = trainer.step(order.next(), schedule.rate(step));
            boolean look = (step + 1) % settings.evaluateEvery() == 0 || step + 1 == settings.steps();
            Double dev = look ? (Double) score(task, task.dev()) : null;
            curve.add(new CurvePoint(step + 1, loss, dev));
            if (look && dev > bestDev) {
                bestDev = dev;
                trainer.parameters().copyLane(Parameters.VALUES, BEST_OF_RUN, 0);
            }
        }
        return new Run(rate, bestDev, curve);
    }

    private double score(TaskData task, List<EncodedExample> rows) {
        return task.score(rows, evaluator.predict(rows));
    }
}
