package org.primer4j.objective;

import java.util.List;

/** Writes a batch into a program's inputs, part by part where the program's axes are too short for all of it. */
public interface PartWriter<E> {

    /**
     * Writes rows from {@code at} on, as many as there is room for. A row's weight in the loss is that in the whole batch.
     *
     * @return the place of the first row that had no room, or the batch's size
     * @throws org.primer4j.BadInputException when a row alone is longer than the room for a part
     */
    int write(List<E> batch, int at);

    /** Tokens of the part that was written last. */
    int tokens();
}
