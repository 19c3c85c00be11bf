package org.primer4j.objective;

import java.util.List;
import org.primer4j.BadInputException;

/**
 * Writes batches into a program's inputs, a batch a lane, part by part where the program's axes are too short for all of them.
 *
 * @param <E> a row as the model reads it
 */
public interface PartWriter<E> {

    /** Begins a part, with lane 0. */
    void begin();

    /** The weight of each row in its batch's mean loss, so that the losses of the batch's parts add up to that. */
    float rowWeight(List<E> batch);

    /**
     * Writes a row if there is room.
     *
     * @param weight in its lane's loss
     * @return whether it was written
     */
    boolean add(E row, float weight);

    /** Ends a lane and begins the next. */
    void endLane(int lane);

    /** Ends the part; every lane must have been ended. */
    void end();

    /** Tokens of the part that was written last. */
    int tokens();

    /** Says that there is no room for a row even in a part of its own. */
    BadInputException tooLong(E row);

    /**
     * Writes rows of a batch from {@code at} on into the only lane, as many as there is room for.
     *
     * @return the place of the first row that had no room, or the batch's size
     * @throws BadInputException when a row alone is longer than the room for a part
     */
    default int write(List<E> batch, int at) {
        return fill(batch, at, rowWeight(batch));
    }

    /** As {@link #write}, with a weight for each row. */
    default int fill(List<E> rows, int at, float weight) {
        begin();
        int next = at;
        while (next < rows.size() && add(rows.get(next), weight)) {
            next++;
        }
        if (next == at) {
            throw tooLong(rows.get(at));
        }
        endLane(0);
        end();
        return next;
    }
}
