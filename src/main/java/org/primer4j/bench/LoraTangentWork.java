package org.primer4j.bench;

import org.primer4j.graph.Node;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;

/** Multiplications of a row in the tangents of lora_linear: only what moves costs a product. */
final class LoraTangentWork {

    private LoraTangentWork() {}

    // inputs x_t, u_t, u, W, b_t, A, A_t, B, B_t, h; outputs y_t, h_t
    static double forward(Node node) {
        double inner = size(node.input(5)) * (there(node.input(1)) + there(node.input(6)));
        double outer = size(node.input(7)) * (there(node.output(1)) + there(node.input(8)));
        return inner * there(node.output(1)) + (outer + size(node.input(3)) * there(node.input(0))) * there(node.output(0));
    }

    // inputs dy, u, W, A, B, h, dh, dy_t, u_t, A_t, B_t, h_t; outputs dh_t, dx_t, du_t, dA_t, dB_t
    static double backward(Node node) {
        double a = size(node.input(3)), b = size(node.input(4));
        int dy = there(node.input(7)), dh = there(node.output(0));
        double inner = b * (dy + there(node.input(10))) * dh;
        double branch = a * (dh + there(node.input(9)));
        boolean same = node.op().integers(node)[0] != 0;
        double rows = (size(node.input(2)) * dy + (same ? branch : 0)) * there(node.output(1)) + branch * there(node.output(2));
        double sums = a * (dh + there(node.input(8))) * there(node.output(3)) + b * (dy + there(node.input(11))) * there(node.output(4));
        return inner + rows + sums;
    }

    private static int there(Value value) {
        return value == null ? 0 : 1;
    }

    private static double size(Value weight) {
        Shape shape = weight.shape();
        return (double) shape.rows() * shape.cols();
    }
}
