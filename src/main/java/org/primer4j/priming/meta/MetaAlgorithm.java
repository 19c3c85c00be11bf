package org.primer4j.priming.meta;

import java.util.List;
import java.util.stream.IntStream;

/** One outer step of a meta-learning algorithm, in the words of its paper. */
public interface MetaAlgorithm {

    /** Whether it needs {@link MetaSettings#secondOrder}. */
    boolean secondOrder();

    /**
     * Adapts to each episode and adds up what the outer parameters learn from it.
     *
     * @return the mean query loss (for Reptile, the mean loss of the last inner step)
     */
    <E> double learn(MetaModel<E> model, List<Episode<E>> episodes);

    /**
     * Learns from a meta-batch of any number of episodes and moves the outer parameters.
     *
     * @param rate the outer learning rate; Reptile's interpolation factor
     * @return as {@link #learn}
     * @throws org.primer4j.training.TrainingException when a loss or gradient is not finite; the outer parameters are as before
     */
    default <E> double outerStep(MetaModel<E> model, List<Episode<E>> episodes, double rate) {
        model.clear();
        double loss = learn(model, episodes);
        model.update(rate);
        return loss;
    }

    /** Episodes in groups of as many as adapt side by side. */
    static <E> List<List<Episode<E>>> groups(MetaModel<E> model, List<Episode<E>> episodes) {
        if (episodes.isEmpty()) {
            throw new IllegalArgumentException("a meta-batch needs at least one episode");
        }
        int lanes = model.settings().lanes();
        return IntStream.range(0, (episodes.size() + lanes - 1) / lanes)
            .mapToObj(i -> episodes.subList(i * lanes, Math.min(episodes.size(), (i + 1) * lanes))).toList();
    }
}
