package org.primer4j.graph;

/**
 * A dimension whose size changes from step to step, such as the tokens of a packed batch. Memory is planned for its
 * capacity; kernels compute the rows that are there. Rows are grouped by lane.
 *
 * @param name as the batch names it
 * @param index place in the graph's list of axes
 * @param capacity most rows, all lanes together
 */
public record Axis(String name, int index, int capacity) {

    @Override
    public String toString() {
        return name + "<=" + capacity;
    }
}
