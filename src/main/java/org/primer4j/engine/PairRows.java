package org.primer4j.engine;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Node;
import org.primer4j.graph.Value;

/**
 * What the kernels over attention's pairs take for granted: the axis of the pairs has, in each lane, as many rows as the lane's
 * sequences have (query, key) pairs.
 *
 * @param queries offsets of the queries
 * @param keys offsets of the keys
 * @param sequences axis of the sequences
 * @param causal whether a query is paired with the keys that it sees only
 * @param pairs axis of the pairs
 */
record PairRows(InputBuffer queries, InputBuffer keys, Axis sequences, boolean causal, Axis pairs) implements BatchCheck {

    /** The check of a node whose inputs hold the offsets at {@code at} and behind it. */
    static PairRows of(boolean causal, Node node, int at, Value pairs, Program program) {
        return new PairRows(BatchCheck.buffer(node.input(at), program), BatchCheck.buffer(node.input(at + 1), program),
            node.input(at).shape().axis(), causal, pairs.shape().axis());
    }

    @Override
    public void check(Program program) {
        if (causal) {
            new CausalLengths(queries, keys).check(program);
        }
        int[] lanes = program.laneOffsets(sequences), rows = program.laneOffsets(pairs);
        for (int lane = 0; lane + 1 < lanes.length; lane++) {
            long expected = pairs(lanes[lane], lanes[lane + 1]);
            if (expected != rows[lane + 1] - rows[lane]) {
                throw new IllegalArgumentException("the sequences of lane " + lane + " have " + expected + " (query, key) pairs, and axis " + pairs
                    + " has " + (rows[lane + 1] - rows[lane]) + " rows");
            }
        }
    }

    // Causal: the last query sees all keys, each one before it one key less.
    private long pairs(int begin, int end) {
        long sum = 0;
        for (int i = begin; i < end; i++) {
            long q = queries.length(i), k = keys.length(i);
            sum += causal ? q * k - q * (q - 1) / 2 : q * k;
        }
        return sum;
    }
}
