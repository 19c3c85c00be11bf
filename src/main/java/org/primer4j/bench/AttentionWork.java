package org.primer4j.bench;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.primer4j.graph.Node;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;

/** Multiplications in attention's products: for each product, one for each pair of query and key that see each other and each column. */
final class AttentionWork {

    /** Scores, and the values' mixture. */
    private static final int FORWARD = 2;
    /** Inputs of the forward op, after which lse comes; and of these, the prefix's keys. */
    private static final int INPUTS = 8, PREFIX = 6;

    private AttentionWork() {}

    /** Of attention. */
    static double forward(Node node, BenchRun.Sizes batch) {
        return products(FORWARD, FORWARD, ((Attention) node.op()).causal(), node.inputs(), batch);
    }

    /** Of its backward op: probabilities and their gradient again, then a product for each gradient that is needed. */
    static double backward(Node node, BenchRun.Sizes batch) {
        Attention.Backward op = (Attention.Backward) node.op();
        int both = FORWARD + one(op.dq());
        return products(both + one(op.dk()) + one(op.dv()), both + one(op.dPrefixKeys()) + one(op.dPrefixValues()), op.kind().causal(),
            node.inputs().subList(1, node.inputs().size()), batch);
    }

    /** Of its tangent: scores again, then a product for each factor of each product that moves. */
    static double tangent(Node node, BenchRun.Sizes batch) {
        Moving moving = new Moving(node.inputs().subList(INPUTS + 1, node.inputs().size()));
        int both = 1 + moving.q() + moving.probabilities();
        return products(both + moving.k() + moving.v(), both + moving.prefixKeys() + moving.prefixValues(),
            ((Attention.Tangent) node.op()).kind().causal(), node.inputs(), batch);
    }

    /** Of its backward op's tangent: the same of scores, of the probabilities' gradient where it is read, and of each gradient that is needed. */
    static double backwardTangent(Node node, BenchRun.Sizes batch) {
        Attention.Backward op = ((Attention.BackwardTangent) node.op()).gradients();
        List<Value> inputs = node.inputs().subList(1, node.inputs().size());
        int upstream = one(inputs.get(INPUTS + 1) != null);
        Moving moving = new Moving(inputs.subList(INPUTS + 2, inputs.size()));
        int scores = one(op.dq() || op.dk() || op.dBias() || op.dPrefixKeys()), values = moving.probabilities() + upstream;
        int both = 1 + moving.q() + scores * values + one(op.dq());
        int own = both + moving.k() + scores * moving.v() + one(op.dq()) * moving.k() + one(op.dk()) * (1 + moving.q()) + one(op.dv()) * values;
        int ofPrefix = both + moving.prefixKeys() + scores * moving.prefixValues() + one(op.dq()) * moving.prefixKeys()
            + one(op.dPrefixKeys()) * (1 + moving.q()) + one(op.dPrefixValues()) * values;
        return products(own, ofPrefix, op.kind().causal(), inputs, batch);
    }

    /** Tangents of q, k, v, bias, prefix keys and prefix values, as 1 where there is one. */
    private record Moving(List<Value> tangents) {

        int q() {
            return at(0);
        }

        int k() {
            return at(1);
        }

        int v() {
            return at(2);
        }

        int prefixKeys() {
            return at(4);
        }

        int prefixValues() {
            return at(5);
        }

        int probabilities() {
            return one(Stream.of(0, 1, 3, 4).map(tangents::get).anyMatch(Objects::nonNull));
        }

        private int at(int i) {
            return one(tangents.get(i) != null);
        }
    }

    private static int one(boolean there) {
        return there ? 1 : 0;
    }

    // So many products with each query's own keys, and with the prefix; inputs begin with the forward op's.
    private static double products(int own, int ofPrefix, boolean causal, List<Value> inputs, BenchRun.Sizes batch) {
        Shape queries = inputs.get(0).shape();
        double prefix = (double) batch.rows(queries.axis().name()) * prefixRows(inputs.get(PREFIX));
        return (own * ownPairs(causal, inputs, batch) + ofPrefix * prefix) * queries.cols();
    }

    // The last query sees every key, and each query before it one less.
    private static double ownPairs(boolean causal, List<Value> inputs, BenchRun.Sizes batch) {
        String queries = axis(inputs.get(0)), keys = axis(inputs.get(1));
        double all = batch.pairs(queries, keys);
        return causal ? all - (batch.pairs(queries, queries) - batch.rows(queries)) / 2.0 : all;
    }

    /** Rows of a prefix's keys or values; 0 for null. */
    static double prefixRows(Value prefix) {
        return prefix == null ? 0 : prefix.shape().rows();
    }

    private static String axis(Value value) {
        return value.shape().axis().name();
    }
}
