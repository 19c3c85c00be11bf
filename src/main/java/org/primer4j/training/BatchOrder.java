package org.primer4j.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.primer4j.random.Philox;

/**
 * Endless batches from a list of rows: shuffled passes, one after another.
 *
 * @param <E> a row
 */
public final class BatchOrder<E> {

    private final List<E> rows;
    private final Philox random;
    private final int[] order;
    private final List<E> batch;
    private final List<E> view;
    private int next;

    /** @param random decides the order */
    public BatchOrder(List<E> rows, int batchSize, Philox random) {
        if (rows.isEmpty() || batchSize < 1) {
            throw new IllegalArgumentException("batches need at least one row and a size of at least 1, not " + rows.size() + " rows and size "
                + batchSize);
        }
        this.rows = rows;
        this.random = random;
        this.order = new int[rows.size()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        this.next = order.length;
        this.batch = new ArrayList<>(Collections.nCopies(batchSize, rows.get(0)));
        this.view = Collections.unmodifiableList(batch);
    }

    /** The next batch; the list is reused by the next call. */
    public List<E> next() {
        for (int i = 0; i < batch.size(); i++) {
            if (next == order.length) {
                random.shuffle(order);
                next = 0;
            }
            batch.set(i, rows.get(order[next++]));
        }
        return view;
    }
}
