package org.primer4j.graph.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;

/** Rules for tangents that many ops share; null stands for a tangent that is zero. */
final class Tangents {

    private Tangents() {}

    /** Of an op linear in its first input, the only one that moves: itself, of the tangent. */
    static List<Value> linear(Node node, List<Value> tangents) {
        return replaced(node, 0, tangents.get(0)).outputs();
    }

    /** Of a product of the first two inputs: {@code a_t b + a b_t}. */
    static List<Value> bilinear(Node node, List<Value> tangents) {
        Value first = of(tangents.get(0), t -> replaced(node, 0, t).output(0));
        Value second = of(tangents.get(1), t -> replaced(node, 1, t).output(0));
        return List.of(sum(first, second));
    }

    /** The same op with another value for one input. */
    private static Node replaced(Node node, int input, Value value) {
        List<Value> inputs = new ArrayList<>(node.inputs());
        inputs.set(input, value);
        return node.graph().append(node.op(), inputs);
    }

    /** What a linear function makes of a tangent. */
    static Value of(Value tangent, UnaryOperator<Value> linear) {
        return tangent == null ? null : linear.apply(tangent);
    }

    /** {@code a + b}. */
    static Value sum(Value a, Value b) {
        return a == null ? b : b == null ? a : Ops.add(a, b);
    }
}
