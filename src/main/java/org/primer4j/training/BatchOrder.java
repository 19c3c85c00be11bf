package org.primer4j.training;

import java.util.AbstractList;
import java.util.List;
import org.primer4j.objective.EncodedExample;
import org.primer4j.random.Philox;

/** Endless batches from a list of rows: shuffled passes, one after another. */
public final class BatchOrder {

    private final List<EncodedExample> rows;
    private final Philox random;
    private final int[] order;
    private final EncodedExample[] batch;
    private final List<EncodedExample> view;
    private int next;

    /** @param random decides the order */
    public BatchOrder(List<EncodedExample> rows, int batchSize, Philox random) {
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
        this.batch = new EncodedExample[batchSize];
        this.view = new BatchView();
    }

    /** The next batch; the list is reused by the next call. */
    public List<EncodedExample> next() {
        for (int i = 0; i < batch.length; i++) {
            if (next == order.length) {
                random.shuffle(order);
                next = 0;
            }
            batch[i] = rows.get(order[next++]);
        }
        return view;
    }

    private final class BatchView extends AbstractList<EncodedExample> {

        @Override
        public EncodedExample get(int index) {
            return batch[index];
        }

        @Override
        public int size() {
            return batch.length;
        }
    }
}
