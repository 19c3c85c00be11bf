package org.primer4j.training;

import java.util.List;

/**
 * Answers rows with a model and one lane of tuned parameters; dropout is off.
 *
 * @param <E> a row
 */
public interface Evaluator<E> extends AutoCloseable {

    /**
     * One answer a row, as settings are chosen by.
     *
     * @throws java.util.concurrent.CancellationException when the thread was interrupted
     * @throws org.primer4j.engine.NotFiniteException when the model's scores are not numbers
     */
    List<String> predict(List<E> rows);

    /** One answer a row, as results are reported; by default no other. */
    default List<String> predictForReport(List<E> rows) {
        return predict(rows);
    }

    /** Bytes of native memory of the programs. */
    long bytes();

    @Override
    void close();
}
