package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.Interruption;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.objective.TaskRow;

/**
 * Makes rows of tasks into what a model reads.
 *
 * @param <E> a row
 */
public interface RowEncoder<E extends TaskRow> extends AutoCloseable {

    /**
     * Tokenises a sample.
     *
     * @throws org.primer4j.BadInputException if it is of a type that the learner cannot answer
     */
    TaskData<E> sample(TaskSample sample);

    /**
     * Tokenises an input whose answer is asked for.
     *
     * @param candidates what may be answered; empty for free text
     */
    E question(TaskInfo task, String input, List<String> candidates);

    @Override
    void close();

    /** Tokenises samples, each as {@link #sample}. */
    default List<TaskData<E>> samples(Iterable<TaskSample> samples) {
        List<TaskData<E>> data = new ArrayList<>();
        for (TaskSample sample : samples) {
            Interruption.check();
            data.add(sample(sample));
        }
        return data;
    }
}
