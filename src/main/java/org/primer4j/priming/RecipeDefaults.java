package org.primer4j.priming;

import org.primer4j.training.TrainingSettings;

/**
 * Settings that nobody gave. CrossFit's numbers stand in Ye et al. 2021 (appendix) and in its code: the options' defaults of
 * {@code cli_multitask.py} and {@code cli_maml.py}, and what {@code example_scripts/upstream_*.sh} sets on the random split.
 */
final class RecipeDefaults {

    /** Ten passes over the random split's train tasks (upstream_multitask.sh). */
    private static final int MTL_STEPS = 17450;
    /** upstream_maml.sh, upstream_fomaml.sh, upstream_reptile.sh. */
    private static final int META_STEPS = 6000;
    /** 1047 of 17450 and 360 of 6000 steps. */
    private static final double WARMUP = 0.06;
    private static final double DROPOUT = 0.1;
    private static final double DECAY = 0.01;
    private static final double CLIP = 0.1;
    private static final int TASKS = 4;
    private static final double INNER_RATE = 3e-5;
    /** eval_period of cli_maml.py; that of cli_multitask.py is longer than a run. */
    private static final int VALIDATE_EVERY = 150;

    private RecipeDefaults() {}

    static Recipe crossFit(Algorithm algorithm, Tunables tune, Tunables inner) {
        boolean meta = algorithm.isMeta();
        PrimingSettings outer = outer(algorithm, meta ? META_STEPS : MTL_STEPS, meta ? TASKS : 32, meta ? 1e-5 : 3e-5, CLIP, true);
        return new Recipe(algorithm, tune, orUsual(algorithm, tune, inner), outer, loop(algorithm), validation(meta ? VALIDATE_EVERY : 0));
    }

    static Recipe quick(Algorithm algorithm, Tunables tune, Tunables inner) {
        boolean meta = algorithm.isMeta();
        PrimingSettings outer = outer(algorithm, meta ? 300 : 1200, meta ? TASKS : 16, 1e-4, 1, false);
        return new Recipe(algorithm, tune, orUsual(algorithm, tune, inner), outer, loop(algorithm), validation(0));
    }

    private static Tunables orUsual(Algorithm algorithm, Tunables tune, Tunables inner) {
        return inner == null ? Choices.usualInner(algorithm, tune) : inner;
    }

    private static PrimingSettings outer(Algorithm algorithm, int steps, int batch, double rate, double clip, boolean embeddings) {
        if (algorithm == Algorithm.REPTILE) {
            // Nichol et al. 2018: a share of the way that falls linearly from 1 to 0. CrossFit's code gives the way to AdamW instead.
            return new PrimingSettings(new TrainingSettings(steps, 0, 0, 0, 0), batch, 1, embeddings);
        }
        double dropout = algorithm.isMeta() ? 0 : DROPOUT;
        return new PrimingSettings(new TrainingSettings(steps, WARMUP, dropout, DECAY, clip), batch, rate, embeddings);
    }

    private static InnerLoop loop(Algorithm algorithm) {
        return switch (algorithm) {
            case MTL -> null;
            case MAML, ANIL -> new InnerLoop(1, INNER_RATE, 16, false, false);
            case FOMAML -> new InnerLoop(4, INNER_RATE, 32, false, false);
            case REPTILE -> new InnerLoop(4, 1e-5, 16, false, false);
        };
    }

    private static Validation validation(int every) {
        Validation none = Validation.NONE;
        return new Validation(every, none.patience(), none.steps(), none.rate(), none.batch());
    }
}
