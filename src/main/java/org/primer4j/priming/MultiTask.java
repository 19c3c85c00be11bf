package org.primer4j.priming;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.PeftMethod;
import org.primer4j.random.Philox;
import org.primer4j.training.BatchOrder;
import org.primer4j.training.TaskData;
import org.primer4j.training.Trainer;

/**
 * Multi-task learning (Caruana 1997; Ye et al. 2021, sec. 5): plain training on the rows of all train tasks. Each row of a batch comes
 * from a task drawn uniformly, so that tasks with many labels do not crowd out the others.
 *
 * @param <E> a row as the model reads it
 */
final class MultiTask<E extends TaskRow> implements OuterLoop {

    private final Trainer<E> trainer;
    private final Weights weights;
    private final List<BatchOrder<E>> tasks;
    private final Philox random;
    private final int size;
    private final List<E> batch = new ArrayList<>();
    private long examples;

    /**
     * @param trainer at the start of its run; closed with this
     * @param weights the trainer's
     * @param samples of the train tasks; a task may occur with several
     * @param size rows of a batch
     */
    MultiTask(Trainer<E> trainer, Weights weights, List<TaskData<E>> samples, int size, long seed) {
        this.trainer = trainer;
        this.weights = weights;
        this.tasks = byTask(samples, seed);
        this.random = new Philox(seed, "priming tasks");
        this.size = size;
    }

    /** What a recipe of this algorithm trains. */
    static Adaptation adaptation(Recipe recipe, PeftMethod method) {
        FullTuning plm = new FullTuning(recipe.outer().embeddings());
        return switch (recipe.tune()) {
            case PLM -> plm;
            case PEFT -> method;
            case BOTH -> new MethodWithPlm(method, plm);
        };
    }

    private static <E extends TaskRow> List<BatchOrder<E>> byTask(List<TaskData<E>> samples, long seed) {
        Map<String, List<E>> rows = new LinkedHashMap<>();
        samples.forEach(t -> rows.computeIfAbsent(t.info().name(), n -> new ArrayList<>()).addAll(t.train()));
        List<BatchOrder<E>> orders = new ArrayList<>();
        rows.forEach((name, examples) -> orders.add(new BatchOrder<>(examples, 1, new Philox(seed, "priming rows " + name))));
        return orders;
    }

    @Override
    public double step(double rate) {
        batch.clear();
        for (int i = 0; i < size; i++) {
            batch.add(tasks.get(random.nextInt(tasks.size())).next().get(0));
        }
        examples += size;
        return trainer.step(batch, rate);
    }

    @Override
    public Parameters theta() {
        return trainer.parameters();
    }

    @Override
    public long examples() {
        return examples;
    }

    @Override
    public long tokens() {
        return trainer.tokens();
    }

    @Override
    public long bytes() {
        return trainer.bytes() + weights.bytes();
    }

    @Override
    public void close() {
        trainer.close();
    }
}
