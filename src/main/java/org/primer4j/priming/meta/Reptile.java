package org.primer4j.priming.meta;

import java.util.Arrays;
import java.util.List;

/**
 * Reptile with batches of tasks (Nichol et al. 2018, sec. 3, with SGD inside): the outer parameters move towards the mean of where the inner
 * loops ended. Its model has no optimizer ({@link MetaSettings}).
 */
public record Reptile() implements MetaAlgorithm {

    @Override
    public boolean secondOrder() {
        return false;
    }

    @Override
    public <E> double learn(MetaModel<E> model, List<Episode<E>> episodes) {
        double loss = 0;
        for (List<Episode<E>> group : MetaAlgorithm.groups(model, episodes)) {
            model.begin(group);
            double[] last = {};
            for (int k = 0; k < model.settings().innerSteps(); k++) {
                last = model.adapt(k);
            }
            loss += Arrays.stream(last).sum();
            model.collectMoves(1.0 / episodes.size());
        }
        return loss / episodes.size();
    }
}
