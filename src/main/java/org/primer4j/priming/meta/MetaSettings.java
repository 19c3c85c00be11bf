package org.primer4j.priming.meta;

import org.primer4j.training.Optimizer;

/**
 * How a {@link MetaModel} learns.
 *
 * @param lanes tasks that adapt side by side; 1 where the inner loop moves the PLM
 * @param innerSteps of each episode, K
 * @param innerRate of the inner loop's SGD, in every tensor
 * @param secondOrder whether {@link MetaModel#unroll} is asked for; it takes a program of its own
 * @param learnRates whether the outer loop learns the inner rates, one a tensor (MAML++, Antoniou et al. 2019, sec. 4); needs second order
 * @param optimizer of the outer loop
 */
public record MetaSettings(int lanes, int innerSteps, double innerRate, boolean secondOrder, boolean learnRates, Optimizer optimizer) {

    /** @throws IllegalArgumentException when there is no lane or inner step, the rate is not above 0, or rates are learned without second order */
    public MetaSettings {
        if (lanes < 1 || innerSteps < 1 || !(innerRate > 0 && innerRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("meta-learning needs at least 1 lane, at least 1 inner step and a finite inner rate above 0, not " + lanes
                + " lanes, " + innerSteps + " inner steps, inner rate " + innerRate);
        }
        if (learnRates && !secondOrder) {
            throw new IllegalArgumentException("inner rates are learned through the inner steps: expected an algorithm of second order");
        }
    }

    /** With inner rates that stay as they are. */
    public MetaSettings(int lanes, int innerSteps, double innerRate, boolean secondOrder, Optimizer optimizer) {
        this(lanes, innerSteps, innerRate, secondOrder, false, optimizer);
    }
}
