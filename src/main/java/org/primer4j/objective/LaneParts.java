package org.primer4j.objective;

import java.util.List;

/**
 * Writes batches of several lanes in parts: each part takes up where the last ended, with rows of as many lanes as there is room for.
 *
 * @param <E> a row as the model reads it
 */
public final class LaneParts<E> {

    private final PartWriter<E> writer;
    private final int lanes;
    private List<List<E>> batches = List.of();
    private int lane;
    private int row;

    /** @param lanes of the program that is written to */
    public LaneParts(PartWriter<E> writer, int lanes) {
        this.writer = writer;
        this.lanes = lanes;
    }

    /**
     * Starts with the first rows.
     *
     * @param newBatches one for each of the first lanes; may be empty. The others have no rows
     */
    public void start(List<List<E>> newBatches) {
        if (newBatches.size() > lanes) {
            throw new IllegalArgumentException(newBatches.size() + " batches for " + lanes + " lanes");
        }
        batches = newBatches;
        lane = 0;
        row = 0;
    }

    /** Whether rows are left to write. */
    public boolean hasNext() {
        while (lane < batches.size() && row == batches.get(lane).size()) {
            lane++;
            row = 0;
        }
        return lane < batches.size();
    }

    /**
     * Writes the next part.
     *
     * @throws org.primer4j.BadInputException when a row alone is longer than the room for a part
     */
    public void next() {
        if (!hasNext()) {
            throw new IllegalStateException("all rows were written");
        }
        writer.begin();
        boolean written = false;
        boolean room = true;
        for (int l = 0; l < lanes; l++) {
            if (room && l == lane && l < batches.size()) {
                int before = row;
                fill(batches.get(l));
                written |= row > before;
                room = row == batches.get(l).size();
                lane += room ? 1 : 0;
                row = room ? 0 : row;
            }
            writer.endLane(l);
        }
        writer.end();
        if (!written) {
            throw writer.tooLong(batches.get(lane).get(row));
        }
    }

    private void fill(List<E> batch) {
        float weight = writer.rowWeight(batch);
        while (row < batch.size() && writer.add(batch.get(row), weight)) {
            row++;
        }
    }

    /** Tokens of the part that was written last. */
    public int tokens() {
        return writer.tokens();
    }
}
