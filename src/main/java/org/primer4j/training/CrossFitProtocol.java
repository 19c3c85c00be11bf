package org.primer4j.training;

import java.util.List;

/**
 * The numbers of CrossFit's few-shot protocol (Ye et al. 2021, section 4.2 and appendix; what the paper leaves open is taken
 * from its code: example_scripts/finetune_a_list_of_tasks.sh, tune_hps_singletask.py, run_singletask.py, bart.py). Each
 * sample of a task is tuned with every cell of a {@link TuningGrid}; the cell and step with the best dev score is scored on
 * test; the mean over the samples counts.
 *
 * <p>Where we differ: LayerNorm does not decay in any model (CrossFit's rule looks for {@code LayerNorm.weight}, which BART's
 * tensors are not called, so that there they do); the loss is the mean over a batch's label tokens, CrossFit's their sum
 * (after clipping to 0.1 and under AdamW the two hardly differ).
 */
public final class CrossFitProtocol {

    /** Seeds in the file names: the five draws of each task. */
    public static final List<Integer> SAMPLES = List.of(13, 21, 42, 87, 100);

    /** Optimizer steps. */
    public static final int STEPS = 1000;

    /** Steps in which the learning rate rises from 0; then it falls linearly to 0. */
    public static final int WARMUP_STEPS = 100;

    /** Steps between dev scores. */
    public static final int EVALUATE_EVERY = 100;

    /** Largest norm of the gradient of all trained parameters. */
    public static final double CLIP = 0.1;

    /** AdamW's weight decay, except on biases and LayerNorm. */
    public static final double DECAY = 0.01;

    /** BART's own dropout. */
    public static final double DROPOUT = 0.1;

    /** Label smoothing of the loss (epsilon in bart.py and t5.py). */
    public static final double LABEL_SMOOTHING = 0.1;

    /** Beams for test; CrossFit's code decodes dev with as many. Early stopping off, no other setting changed. */
    public static final int BEAMS = 4;

    /** Tokens of the longest input and output, special tokens included. */
    public static final int MAX_SOURCE = 512;
    public static final int MAX_TARGET = 64;

    private CrossFitProtocol() {}

    /** {@link #WARMUP_STEPS} as a share of {@link #STEPS}. */
    public static double warmup() {
        return (double) WARMUP_STEPS / STEPS;
    }
}
