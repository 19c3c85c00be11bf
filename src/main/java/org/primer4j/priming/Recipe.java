package org.primer4j.priming;

import java.util.Map;

/**
 * How a model is primed: the algorithm, what moves, and every setting. {@link #crossFit} and {@link #quick} give defaults, {@link #with} and
 * {@link #fromMap} what differs from them; {@code docs/priming.md} says whose number is whose.
 *
 * @param algorithm how
 * @param tune what the outer loop moves and priming leaves
 * @param inner what the inner loop moves; null without one
 * @param outer the outer loop
 * @param loop the inner loop; null without one
 * @param validation on dev tasks
 */
public record Recipe(Algorithm algorithm, Tunables tune, Tunables inner, PrimingSettings outer, InnerLoop loop, Validation validation) {

    /** @throws IllegalArgumentException when the choices contradict each other, with the reason */
    public Recipe {
        Choices.require(algorithm, tune, inner);
        if (algorithm.isMeta() != (loop != null)) {
            throw new IllegalArgumentException(algorithm.text() + (loop == null ? " needs the settings of its inner loop" : " has no inner loop"));
        }
        if (algorithm.isMeta() && outer.training().dropout() > 0) {
            throw new IllegalArgumentException("dropout is " + outer.training().dropout() + ", but " + algorithm.text()
                + " differentiates through its own steps, which needs the same network in each of them; expected 0");
        }
        if (!algorithm.isSecondOrder() && loop != null && (loop.multiStepLoss() || loop.learnRates())) {
            throw new IllegalArgumentException(algorithm.text() + " has neither a multi-step loss nor learned inner rates; expected maml or anil");
        }
    }

    /**
     * CrossFit's settings (Ye et al. 2021 and its code).
     *
     * @param inner null for the algorithm's usual choice
     */
    public static Recipe crossFit(Algorithm algorithm, Tunables tune, Tunables inner) {
        return RecipeDefaults.crossFit(algorithm, tune, inner);
    }

    /**
     * Fewer and larger steps, for a first look at a small encoder; the embedding tables stay.
     *
     * @param inner null for the algorithm's usual choice
     */
    public static Recipe quick(Algorithm algorithm, Tunables tune, Tunables inner) {
        return RecipeDefaults.quick(algorithm, tune, inner);
    }

    /** Multi-task learning of the PLM without a look at dev tasks. */
    public static Recipe multiTask(PrimingSettings settings) {
        return new Recipe(Algorithm.MTL, Tunables.PLM, null, settings, null, Validation.NONE);
    }

    /** Whether the parameters of a method of parameter-efficient tuning move in one of the loops. */
    public boolean involvesPeft() {
        return tune.peft() || inner != null && inner.peft();
    }

    /** Every setting that bears on this algorithm, in a fixed order, as numbers, booleans and strings. */
    public Map<String, Object> toMap() {
        return RecipeMap.of(this);
    }

    /** Whether the algorithm has a setting, by its name in {@link #toMap}. */
    public boolean hasSetting(String name) {
        return RecipeMap.names(this).contains(name);
    }

    /**
     * This recipe with other settings.
     *
     * @param changes some of {@link #toMap}'s, but for {@code algorithm}, {@code tune} and {@code inner}
     * @throws IllegalArgumentException naming a setting that the algorithm does not have, or a value that it cannot have
     */
    public Recipe with(Map<String, ?> changes) {
        return RecipeMap.with(this, changes);
    }

    /**
     * The recipe of {@link #toMap}'s settings; {@code algorithm} and {@code tune} must be there, all others are CrossFit's where they are not.
     *
     * @throws IllegalArgumentException naming the setting that is missing, unknown or wrong
     */
    public static Recipe fromMap(Map<String, ?> settings) {
        return RecipeMap.read(settings);
    }
}
