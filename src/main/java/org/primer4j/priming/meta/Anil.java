package org.primer4j.priming.meta;

import java.util.List;

/**
 * ANIL (Raghu et al. 2020): MAML whose inner loop moves the last layer alone. The model's {@link MetaAdaptation} says so
 * ({@link LastLayer}).
 */
public record Anil() implements MetaAlgorithm {

    @Override
    public boolean secondOrder() {
        return true;
    }

    @Override
    public <E> double learn(MetaModel<E> model, List<Episode<E>> episodes) {
        return new Maml().learn(model, episodes);
    }
}
