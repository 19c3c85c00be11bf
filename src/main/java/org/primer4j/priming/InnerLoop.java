package org.primer4j.priming;

/**
 * How meta-learning adapts to a task: plain gradient steps (SGD without momentum).
 *
 * @param steps gradient steps on the task, K
 * @param rate learning rate, the same for all tensors at the start
 * @param batch rows of the support and of the query batch; a task with fewer gives all it has
 * @param multiStepLoss whether the query loss after every step counts, not only that after the last (Antoniou et al. 2019, sec. 4; all steps
 *     weigh alike here)
 * @param learnRates whether the outer loop learns an inner rate for each tensor (Li et al. 2017, and by layer Antoniou et al. 2019, sec. 4)
 */
public record InnerLoop(int steps, double rate, int batch, boolean multiStepLoss, boolean learnRates) {

    private static final int MOST_STEPS = 1 << 16;

    /** @throws IllegalArgumentException when the steps are out of range, the batch is below 1 or the rate not above 0 */
    public InnerLoop {
        if (steps < 1 || steps > MOST_STEPS || batch < 1 || !(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("an inner loop needs 1 to " + MOST_STEPS + " steps, a batch of at least 1 and a rate > 0, not "
                + steps + " steps, batch " + batch + ", rate " + rate);
        }
    }
}
