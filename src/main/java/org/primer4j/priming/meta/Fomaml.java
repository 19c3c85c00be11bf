package org.primer4j.priming.meta;

import java.util.Arrays;
import java.util.List;

/**
 * First-order MAML (Finn et al. 2017, sec. 5.2; Nichol et al. 2018, sec. 2): the meta-gradient is that of the query loss where
 * the inner loop ended.
 */
public record Fomaml() implements MetaAlgorithm {

    @Override
    public boolean secondOrder() {
        return false;
    }

    @Override
    public <E> double learn(MetaModel<E> model, List<Episode<E>> episodes) {
        double loss = 0;
        for (List<Episode<E>> group : MetaAlgorithm.groups(model, episodes)) {
            model.begin(group);
            for (int k = 0; k < model.settings().innerSteps(); k++) {
                model.adapt(k);
            }
            loss += Arrays.stream(model.learn(1.0 / episodes.size())).sum();
            model.collect();
        }
        return loss / episodes.size();
    }
}
