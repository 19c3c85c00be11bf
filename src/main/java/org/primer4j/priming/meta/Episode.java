package org.primer4j.priming.meta;

import java.util.List;

/**
 * What one task contributes to an outer step.
 *
 * @param task its name, for messages
 * @param support the batch of each inner step
 * @param query what the adapted parameters are judged by; may be empty for Reptile
 * @param <E> a row as the model reads it
 */
public record Episode<E>(String task, List<List<E>> support, List<E> query) {

    /** @throws IllegalArgumentException when there is no inner step, or one without rows */
    public Episode {
        support = List.copyOf(support);
        if (support.isEmpty() || support.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("an episode needs at least one inner step, each with at least one row: task " + task);
        }
    }
}
