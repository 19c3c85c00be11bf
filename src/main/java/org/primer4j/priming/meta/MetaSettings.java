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
 * @param optimizer of the outer loop; null where theta moves to where the inner loops end (Reptile), along no gradient
 * @param productRoom share of the room for a part that second derivatives have. They take about twice the gradient's memory: with a half they
 *     run in the same
 */
public record MetaSettings(int lanes, int innerSteps, double innerRate, boolean secondOrder, boolean learnRates, Optimizer optimizer, double productRoom) {

    /** With this share second derivatives run in the gradient's memory. */
    public static final double HALF = 0.5;

    /**
     * @throws IllegalArgumentException when there is no lane or inner step, the rate is not above 0, rates are learned without second order, or
     *     second order goes without an optimizer
     */
    public MetaSettings {
        if (lanes < 1 || innerSteps < 1 || !(innerRate > 0 && innerRate < Double.POSITIVE_INFINITY) || !(productRoom > 0 && productRoom <= 1)) {
            throw new IllegalArgumentException("meta-learning needs at least 1 lane, at least 1 inner step, a finite inner rate above 0 and a share of the room"
                + " in (0, 1], not " + lanes + " lanes, " + innerSteps + " inner steps, inner rate " + innerRate + ", share " + productRoom);
        }
        if (learnRates && !secondOrder) {
            throw new IllegalArgumentException("inner rates are learned through the inner steps: expected an algorithm of second order");
        }
        if (secondOrder && optimizer == null) {
            throw new IllegalArgumentException("second order is for a gradient, and nothing moves along one: expected an optimizer");
        }
    }

    /** With half the room for second derivatives. */
    public MetaSettings(int lanes, int innerSteps, double innerRate, boolean secondOrder, boolean learnRates, Optimizer optimizer) {
        this(lanes, innerSteps, innerRate, secondOrder, learnRates, optimizer, HALF);
    }

    /** With inner rates that stay as they are. */
    public MetaSettings(int lanes, int innerSteps, double innerRate, boolean secondOrder, Optimizer optimizer) {
        this(lanes, innerSteps, innerRate, secondOrder, false, optimizer);
    }

    /** With another share of the room for second derivatives. */
    public MetaSettings withProductRoom(double share) {
        return new MetaSettings(lanes, innerSteps, innerRate, secondOrder, learnRates, optimizer, share);
    }

    /** Whether theta moves along a gradient. */
    boolean hasGradient() {
        return optimizer != null;
    }
}
