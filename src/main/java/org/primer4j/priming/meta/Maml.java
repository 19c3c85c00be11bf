package org.primer4j.priming.meta;

import java.util.Arrays;
import java.util.List;

/**
 * MAML (Finn et al. 2017, algorithm 2), exact second order: the query loss's gradient goes back through every inner step.
 *
 * @param stepWeights of the query loss after each inner step, as in MAML++'s multi-step loss (Antoniou et al. 2019, sec. 4);
 *     empty for the loss after the last step alone
 */
public record Maml(List<Double> stepWeights) implements MetaAlgorithm {

    /** The loss after the last step alone. */
    public Maml() {
        this(List.of());
    }

    /** @throws IllegalArgumentException when a weight is below 0, or the last is 0 */
    public Maml {
        stepWeights = List.copyOf(stepWeights);
        if (stepWeights.stream().anyMatch(w -> !(w >= 0)) || !stepWeights.isEmpty() && stepWeights.get(stepWeights.size() - 1) == 0) {
            throw new IllegalArgumentException("the weights of a multi-step loss are 0 or more, the last above 0, not " + stepWeights);
        }
    }

    @Override
    public boolean secondOrder() {
        return true;
    }

    @Override
    public <E> double learn(MetaModel<E> model, List<Episode<E>> episodes) {
        int steps = model.settings().innerSteps();
        if (!stepWeights.isEmpty() && stepWeights.size() != steps) {
            throw new IllegalArgumentException("a multi-step loss of " + steps + " inner steps has not " + stepWeights.size() + " weights");
        }
        double loss = 0;
        for (List<Episode<E>> group : MetaAlgorithm.groups(model, episodes)) {
            model.begin(group);
            for (int k = 0; k < steps; k++) {
                model.adapt(k);
            }
            loss += Arrays.stream(model.learn(weight(steps, steps) / episodes.size())).sum();
            for (int k = steps - 1; k >= 0; k--) {
                model.unroll(k);
                if (k > 0 && weight(k, steps) > 0) {
                    model.learn(weight(k, steps) / episodes.size());
                }
            }
            model.collect();
        }
        return loss / episodes.size();
    }

    // Of the query loss after so many inner steps.
    private double weight(int done, int steps) {
        return stepWeights.isEmpty() ? (done == steps ? 1 : 0) : stepWeights.get(done - 1);
    }
}
