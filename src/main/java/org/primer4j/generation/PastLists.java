package org.primer4j.generation;

/**
 * Which cache rows hold the keys and values of each row's tokens. A row goes on with its parent's list: when beams are
 * reordered, lists are copied, never the cache.
 */
final class PastLists {

    private final int rows;
    private final int steps;
    private int[] lists;
    private int[] previous;
    private int count;
    private int length;

    /**
     * @param rows most rows of a step
     * @param steps most tokens of a row
     */
    PastLists(int rows, int steps) {
        this.rows = rows;
        this.steps = steps;
        this.lists = new int[Math.multiplyExact(rows, steps)];
        this.previous = new int[lists.length];
    }

    /** Cache rows in all, and most entries of all lists together. */
    int capacity() {
        return lists.length;
    }

    /** The cache row of a step's row: each (place, row) has its own. */
    int slot(int position, int row) {
        return position * rows + row;
    }

    /** Goes on to a step's rows. */
    void advance(StepRows step) {
        int[] old = lists;
        lists = previous;
        previous = old;
        count = step.count();
        length = step.position() + 1;
        for (int row = 0; row < count; row++) {
            if (step.position() > 0) {
                System.arraycopy(previous, step.parent(row) * steps, lists, row * steps, length - 1);
            }
            lists[row * steps + length - 1] = slot(step.position(), row);
        }
    }

    /** Entries of each list, all alike. */
    int length() {
        return length;
    }

    /** Writes the lists one after another; returns how many entries they have together. */
    int flatten(int[] target) {
        for (int row = 0; row < count; row++) {
            System.arraycopy(lists, row * steps, target, row * length, length);
        }
        return count * length;
    }
}
