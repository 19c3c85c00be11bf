package org.primer4j.priming.meta;

import org.primer4j.training.Optimizer;

/**
 * How a {@link MetaModel} learns.
 *
 * @param lanes tasks that adapt side by side; 1 where the inner loop moves the PLM
 * @param innerSteps of each episode, K
 * @param innerRate of the inner loop's SGD, in every tensor
 * @param secondOrder whether {@link MetaModel#unroll} is asked for; it takes a program of its own
 * @param optimizer of the outer loop
 */
public record MetaSettings(int lanes, int innerSteps, double innerRate, boolean secondOrder, Optimizer optimizer) {

    /** @throws IllegalArgumentException when there is no lane or inner step, or the rate is not above 0 */
    public MetaSettings {
        if (lanes < 1 || innerSteps < 1 || !(innerRate > 0 && innerRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("meta-learning needs at least 1 lane, at least 1 inner step and a finite inner rate above 0, not " + lanes
                + " lanes, " + innerSteps + " inner steps, inner rate " + innerRate);
        }
    }
}
