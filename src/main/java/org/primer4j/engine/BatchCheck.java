package org.primer4j.engine;

import java.util.List;
import java.util.Objects;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.CachedAttention;
import org.primer4j.graph.ops.PairBias;
import org.primer4j.graph.ops.PairProducts;
import org.primer4j.graph.ops.PrefixRows;

/** What a kernel takes for granted about a batch beyond the limits of each input. */
interface BatchCheck {

    /** Throws when the batch breaks it; every input's own limits were checked before. */
    void check(Program program);

    /** The check of a node; null when there is none. */
    private static BatchCheck of(Node node, Program program) {
        if (node.op() instanceof PairProducts op) {
            Value pairs = op.kind() == PairProducts.Kind.PAIR_SCORES ? node.output(0) : node.input(0);
            return PairRows.of(op.causal(), node, PairProducts.OFFSETS, pairs, program);
        }
        if (node.op() instanceof PairBias op) {
            return PairRows.of(op.causal(), node, PairBias.OFFSETS, node.output(0), program);
        }
        if (node.op() instanceof PairBias.Sum op) {
            return PairRows.of(op.bias().causal(), node, PairBias.OFFSETS, node.input(0), program);
        }
        if (node.op() instanceof Attention op && op.causal() && node.input(3) != node.input(4)) {
            return new CausalLengths(buffer(node.input(3), program), buffer(node.input(4), program));
        }
        if (node.op() instanceof PrefixRows op) {
            int last = node.inputs().size() - 1;
            return new PrefixLengths(buffer(node.input(last - 1), program), buffer(node.input(last), program), op.rows());
        }
        return node.op() instanceof CachedAttention ? CacheLists.of(node, program) : null;
    }

    /** The checks of all nodes, each once. */
    static BatchCheck[] of(List<Node> nodes, Program program) {
        return nodes.stream().map(n -> of(n, program)).filter(Objects::nonNull).distinct().toArray(BatchCheck[]::new);
    }

    /** The buffer of an input leaf. */
    static InputBuffer buffer(Value leaf, Program program) {
        return program.input(((Leaf) leaf.node().op()).leafName());
    }

    /** With a causal mask each sequence needs as many keys as queries, or the first queries would see none. */
    record CausalLengths(InputBuffer queries, InputBuffer keys) implements BatchCheck {

        @Override
        public void check(Program program) {
            for (int i = 0; i < queries.segments(); i++) {
                if (keys.length(i) < queries.length(i)) {
                    throw new IllegalArgumentException("sequence " + i + " has " + queries.length(i) + " queries and " + keys.length(i)
                        + " keys: causal attention needs a key for each query");
                }
            }
        }
    }

    /** Each sequence has the prefix's rows more. */
    record PrefixLengths(InputBuffer without, InputBuffer with, int rows) implements BatchCheck {

        @Override
        public void check(Program program) {
            for (int i = 0; i < without.segments(); i++) {
                if (with.length(i) != without.length(i) + rows) {
                    throw new IllegalArgumentException("sequence " + i + " has " + without.length(i) + " rows and " + with.length(i)
                        + " with a prefix of " + rows);
                }
            }
        }
    }
}
