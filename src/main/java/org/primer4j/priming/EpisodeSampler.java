package org.primer4j.priming;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.objective.TaskRow;
import org.primer4j.priming.meta.Episode;
import org.primer4j.random.Philox;
import org.primer4j.training.TaskData;

/**
 * Draws meta-batches: different tasks, uniformly, and one of each task's samples; support rows from the sample's train rows and query rows from
 * its dev rows, as CrossFit's code does (Ye et al. 2021). There the same support batch serves all inner steps of MAML, and Reptile takes a new
 * one for each step and no query.
 *
 * @param <E> a row as the model reads it
 */
final class EpisodeSampler<E extends TaskRow> {

    private final List<List<TaskData<E>>> tasks;
    private final int[] order;
    private final int size;
    private final InnerLoop loop;
    private final boolean hasQuery;
    private final Philox random;

    /** @param samples of the train tasks, at least as many tasks as a step takes */
    EpisodeSampler(Collection<TaskData<E>> samples, Recipe recipe, long seed) {
        Map<String, List<TaskData<E>>> byTask = new LinkedHashMap<>();
        samples.forEach(sample -> byTask.computeIfAbsent(sample.info().name(), name -> new ArrayList<>()).add(sample));
        this.tasks = List.copyOf(byTask.values());
        this.order = upTo(tasks.size());
        this.size = recipe.outer().batch();
        this.loop = recipe.loop();
        this.hasQuery = recipe.algorithm().hasOuterGradient();
        this.random = new Philox(seed, "priming episodes");
    }

    /** The next meta-batch. */
    List<Episode<E>> next() {
        random.shuffle(order);
        List<Episode<E>> episodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<TaskData<E>> samples = tasks.get(order[i]);
            episodes.add(episode(samples.get(random.nextInt(samples.size()))));
        }
        return episodes;
    }

    private Episode<E> episode(TaskData<E> task) {
        if (hasQuery) {
            List<List<E>> support = Collections.nCopies(loop.steps(), draw(task.train()));
            return new Episode<>(task.info().name(), support, draw(task.dev()));
        }
        List<List<E>> support = new ArrayList<>();
        for (int k = 0; k < loop.steps(); k++) {
            support.add(draw(task.train()));
        }
        return new Episode<>(task.info().name(), support, List.of());
    }

    // Different rows in random order, all of them where there are no more than a batch.
    private List<E> draw(List<E> rows) {
        int[] places = upTo(rows.size());
        random.shuffle(places);
        List<E> batch = new ArrayList<>();
        for (int i = 0; i < Math.min(loop.batch(), places.length); i++) {
            batch.add(rows.get(places[i]));
        }
        return batch;
    }

    private static int[] upTo(int count) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = i;
        }
        return numbers;
    }
}
