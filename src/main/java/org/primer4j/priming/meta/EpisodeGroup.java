package org.primer4j.priming.meta;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.training.TrainingException;

/**
 * The episodes that adapt side by side now, a lane each, and how many inner steps they have taken.
 *
 * @param <E> a row as the model reads it
 */
final class EpisodeGroup<E> {

    private final MetaSettings settings;
    private final List<List<E>> batches = new ArrayList<>();
    private List<Episode<E>> episodes = List.of();
    private int steps;

    EpisodeGroup(MetaSettings settings) {
        this.settings = settings;
    }

    /** @throws IllegalArgumentException when there are more episodes than lanes, or their steps are not as many as the settings' */
    void begin(List<Episode<E>> group) {
        if (group.isEmpty() || group.size() > settings.lanes()) {
            throw new IllegalArgumentException("there are " + settings.lanes() + " lanes for episodes, not " + group.size());
        }
        for (Episode<E> episode : group) {
            if (episode.support().size() != settings.innerSteps()) {
                throw new IllegalArgumentException("the episode of " + episode.task() + " has " + episode.support().size() + " inner steps instead of "
                    + settings.innerSteps());
            }
        }
        episodes = List.copyOf(group);
        steps = 0;
    }

    /** Leaves no episode begun. */
    void end() {
        episodes = List.of();
    }

    int size() {
        return episodes.size();
    }

    /**
     * The losses of the lanes that have an episode.
     *
     * @param update number of the outer step, for messages; as {@code what} was done, and {@code hint} what to take less of
     * @throws TrainingException when one is not finite
     */
    double[] finite(double[] losses, int update, String what, String hint) {
        for (int lane = 0; lane < episodes.size(); lane++) {
            if (!Double.isFinite(losses[lane])) {
                throw new TrainingException("outer step " + update + ": the " + what + " loss of " + episodes.get(lane).task() + " is " + losses[lane]
                    + "; take a smaller " + hint);
            }
        }
        return Arrays.copyOf(losses, episodes.size());
    }

    /** The batches of inner step k, a lane each; the list is reused by the next call. */
    List<List<E>> support(int k) {
        batches.clear();
        episodes.forEach(episode -> batches.add(episode.support().get(k)));
        return batches;
    }

    /**
     * The query batches, a lane each; the list is reused by the next call.
     *
     * @throws IllegalArgumentException when an episode has no query
     */
    List<List<E>> query() {
        batches.clear();
        for (Episode<E> episode : episodes) {
            if (episode.query().isEmpty()) {
                throw new IllegalArgumentException("the episode of " + episode.task() + " has no query to learn from");
            }
            batches.add(episode.query());
        }
        return batches;
    }

    void requireBegun() {
        if (episodes.isEmpty()) {
            throw new IllegalStateException("no episodes were begun");
        }
    }

    /** Takes inner step k, the next one. */
    void stepForth(int k) {
        require(k, steps);
        steps = k + 1;
    }

    /** Takes inner step k, the last one, back. */
    void stepBack(int k) {
        require(k, steps - 1);
        steps = k;
    }

    private void require(int k, int expected) {
        requireBegun();
        if (k != expected || k < 0 || k >= settings.innerSteps()) {
            throw new IllegalStateException("inner step " + k + " of " + settings.innerSteps() + " comes out of turn: " + steps + " were taken");
        }
    }
}
