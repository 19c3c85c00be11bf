package org.primer4j.bench;

import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.CachedAttention;

/** Floating point operations of the products in an op, a multiplication and an addition counting as two. */
final class Work {

    private static final double FLOP = 2;
    private static final int ATTENTION_PRODUCTS = 2;
    /** Place of the prefix's keys among the inputs of attention, and of cached attention. */
    private static final int PREFIX = 6, CACHED_PREFIX = 9;

    private Work() {}

    /** FLOP of a node over a batch; 0 for ops without products. */
    static double flop(Node node, BenchRun.Sizes batch) {
        double product = switch (node.op().name()) {
            case "linear", "linear_backward_input" -> rows(node.input(0), batch) * size(node.input(1));
            case "linear_backward_weight" -> rows(node.input(0), batch) * node.input(0).cols() * node.input(1).cols();
            case "lora_linear" -> rows(node.input(0), batch) * (size(node.input(2)) + size(node.input(4)) + size(node.input(5)));
            case "lora_linear_backward" -> loraBackward(node, batch);
            case "adapter" -> rows(node.input(0), batch) * (size(node.input(2)) + size(node.input(4)));
            case "adapter_backward" -> rows(node.input(0), batch) * (node.output(1) == null ? 3 : 4) * size(node.input(2));
            case "attention" -> ATTENTION_PRODUCTS * allPairs(((Attention) node.op()).causal(), node.inputs(), batch) * node.input(0).cols();
            case "attention_backward" -> attentionBackward(node, batch) * node.input(0).cols();
            case "cached_attention" -> ATTENTION_PRODUCTS * (rows(node.input(CachedAttention.PAST), batch)
                + rows(node.input(0), batch) * prefixRows(node.input(CACHED_PREFIX))) * node.input(0).cols();
            case "head_top_k" -> rows(node.input(0), batch) * size(node.input(1));
            // At most: rows whose label is ignored cost nothing.
            case "head_cross_entropy" -> rows(node.input(0), batch) * (node.output(2) == null ? 1 : 2) * size(node.input(1));
            case "head_cross_entropy_backward_weight" -> rows(node.input(1), batch) * 2 * size(node.input(2));
            default -> 0;
        };
        return FLOP * product;
    }

    // Of the forward op's inputs: each query with each of its own keys and with the prefix.
    private static double allPairs(boolean causal, List<Value> inputs, BenchRun.Sizes batch) {
        return ownPairs(causal, inputs, batch) + rows(inputs.get(0), batch) * prefixRows(inputs.get(PREFIX));
    }

    // The last query sees every key, and each query before it one less.
    private static double ownPairs(boolean causal, List<Value> inputs, BenchRun.Sizes batch) {
        String queries = axis(inputs.get(0)), keys = axis(inputs.get(1));
        double all = batch.pairs(queries, keys);
        return causal ? all - (batch.pairs(queries, queries) - batch.rows(queries)) / 2.0 : all;
    }

    // Probabilities and their gradient again, then a product for each gradient that is needed.
    private static double attentionBackward(Node node, BenchRun.Sizes batch) {
        Attention.Backward op = (Attention.Backward) node.op();
        List<Value> inputs = node.inputs().subList(1, node.inputs().size() - 1);
        double prefix = rows(inputs.get(0), batch) * prefixRows(inputs.get(PREFIX));
        int both = ATTENTION_PRODUCTS + (op.dq() ? 1 : 0);
        int own = both + (op.dk() ? 1 : 0) + (op.dv() ? 1 : 0);
        int ofPrefix = both + (op.dPrefixKeys() ? 1 : 0) + (op.dPrefixValues() ? 1 : 0);
        return own * ownPairs(op.kind().causal(), inputs, batch) + ofPrefix * prefix;
    }

    private static double prefixRows(Value prefix) {
        return prefix == null ? 0 : prefix.shape().rows();
    }

    private static String axis(Value value) {
        return value.shape().axis().name();
    }

    // inputs dy, u, W, A, B, h; outputs dh, dx, du, dA, dB
    private static double loraBackward(Node node, BenchRun.Sizes batch) {
        double a = size(node.input(3)), b = size(node.input(4));
        double base = node.output(1) == null ? 0 : size(node.input(2));
        return rows(node.input(0), batch) * (base + (node.output(1) == null ? 1 : 2) * a + 2 * b);
    }

    private static double rows(Value value, BenchRun.Sizes batch) {
        Shape shape = value.shape();
        return shape.axis() == null ? shape.rows() : batch.rows(shape.axis().name());
    }

    private static double size(Value weight) {
        return (double) weight.shape().rows() * weight.cols();
    }
}
