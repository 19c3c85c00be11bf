package org.primer4j.bench;

import java.util.Set;
import java.util.function.Predicate;
import org.primer4j.graph.Node;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.CachedAttention;

/** What an op cannot do without: floating point operations of its products, a multiplication and an addition counting as two, and bytes. */
final class Work {

    private static final double FLOP = 2;
    /** Scores and mixture in a cached step. */
    private static final int ATTENTION_PRODUCTS = 2;
    /** Place of the prefix's keys among the inputs of cached attention. */
    private static final int CACHED_PREFIX = 9;

    /** Ops that read as many rows of their tables as come out. */
    private static final Set<String> TABLE_READERS = Set.of("embedding", "gather_rows", "gather_range");

    private Work() {}

    /** FLOP of a node over a batch; 0 for ops without products. */
    static double flop(Node node, BenchRun.Sizes batch) {
        double product = switch (node.op().name()) {
            case "linear", "linear_backward_input" -> rows(node.input(0), batch) * size(node.input(1));
            case "linear_backward_weight" -> rows(node.input(0), batch) * node.input(0).cols() * node.input(1).cols();
            case "linear_backward_weight_tangent" -> 2 * rows(node.input(0), batch) * node.input(0).cols() * node.input(1).cols();
            case "lora_linear_tangent" -> rows(node.input(2), batch) * LoraTangentWork.forward(node);
            case "lora_linear_backward_tangent" -> rows(node.input(0), batch) * LoraTangentWork.backward(node);
            case "lora_linear" -> rows(node.input(0), batch) * (size(node.input(2)) + size(node.input(4)) + size(node.input(5)));
            case "lora_linear_backward" -> loraBackward(node, batch);
            case "adapter" -> rows(node.input(0), batch) * (size(node.input(2)) + size(node.input(4)));
            case "adapter_backward" -> rows(node.input(0), batch) * (node.output(1) == null ? 3 : 4) * size(node.input(2));
            case "attention" -> AttentionWork.forward(node, batch);
            case "attention_backward" -> AttentionWork.backward(node, batch);
            case "attention_tangent" -> AttentionWork.tangent(node, batch);
            case "attention_backward_tangent" -> AttentionWork.backwardTangent(node, batch);
            case "cached_attention" -> ATTENTION_PRODUCTS * (rows(node.input(CachedAttention.PAST), batch)
                + rows(node.input(0), batch) * AttentionWork.prefixRows(node.input(CACHED_PREFIX))) * node.input(0).cols();
            case "head_top_k" -> rows(node.input(0), batch) * size(node.input(1));
            // At most: rows whose label is ignored cost nothing.
            case "head_cross_entropy" -> rows(node.input(0), batch) * (node.output(2) == null ? 1 : 2) * size(node.input(1));
            case "head_cross_entropy_backward_weight" -> rows(node.input(1), batch) * 2 * size(node.input(2));
            case "head_cross_entropy_tangent" -> rows(node.input(0), batch) * headTangent(node) * size(node.input(1));
            case "head_cross_entropy_backward_weight_tangent" -> rows(node.input(1), batch) * headBackwardTangent(node) * size(node.input(2));
            default -> 0;
        };
        return FLOP * product;
    }

    // Logits, how they move with h (input 7) and W (input 8), and what slope's tangent is a mixture of.
    private static int headTangent(Node node) {
        int slope = node.output(2) == null ? 0 : 1;
        return 1 + there(node.input(7)) + there(node.input(8)) + slope * (1 + there(node.input(8)));
    }

    // The same of logits, and a product with h and with its tangent for that of dW.
    private static int headBackwardTangent(Node node) {
        return 1 + there(node.input(7)) + there(node.input(8)) + there(node.output(0)) * (1 + there(node.input(7)));
    }

    private static int there(Value value) {
        return value == null ? 0 : 1;
    }

    // inputs dy, u, W, A, B, h; outputs dh, dx, du, dA, dB
    private static double loraBackward(Node node, BenchRun.Sizes batch) {
        double a = size(node.input(3)), b = size(node.input(4));
        double base = node.output(1) == null ? 0 : size(node.input(2));
        return rows(node.input(0), batch) * (base + (node.output(1) == null ? 1 : 2) * a + 2 * b);
    }

    /**
     * Bytes of a node's operands, its outputs among them, over a batch, each counted once; of a table that is read row by row, those of as many rows as come out.
     *
     * @param bf16 which packings of frozen weights are
     */
    static double bytes(Node node, BenchRun.Sizes batch, Predicate<Packing> bf16) {
        boolean reader = TABLE_READERS.contains(node.op().name());
        double out = reader ? rows(node.output(0), batch) : Double.POSITIVE_INFINITY;
        return node.op().operands(node).stream().filter(operand -> operand.value() != null).distinct().mapToDouble(operand -> {
            boolean rounded = bf16.test(operand.packing());
            return Math.min(rows(operand.value(), batch), out) * operand.value().cols() * (rounded ? Short.BYTES : operand.value().dtype().bytes());
        }).sum();
    }

    private static double rows(Value value, BenchRun.Sizes batch) {
        Shape shape = value.shape();
        return shape.axis() == null ? shape.rows() : batch.rows(shape.axis().name());
    }

    private static double size(Value weight) {
        return (double) weight.shape().rows() * weight.cols();
    }
}
