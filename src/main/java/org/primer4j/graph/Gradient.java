package org.primer4j.graph;

import static org.primer4j.graph.Ops.add;
import static org.primer4j.graph.Ops.fill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reverse-mode differentiation, graph to graph: the gradient is made of ordinary nodes, so that a graph of primitives
 * can be differentiated again. Nothing is computed for values that no wanted parameter reaches.
 */
public final class Gradient {

    private Gradient() {}

    /**
     * Appends the gradient of the sum of all entries of {@code loss}.
     *
     * @param loss any value; each lane's loss depends on that lane's parameters alone, so lanes do not mix
     * @param wanted what to differentiate by
     * @return one value for each wanted value, of its shape; zeros where the loss does not depend on it
     * @throws NoGradientException when an op on the way has no gradient
     */
    public static List<Value> of(Value loss, List<Value> wanted) {
        return ofSum(List.of(loss), wanted);
    }

    /** As {@link #of}, for the sum of all entries of all {@code losses}, which may differ in shape. */
    public static List<Value> ofSum(List<Value> losses, List<Value> wanted) {
        Graph graph = losses.get(0).graph();
        Set<Value> moving = dependents(graph, wanted);
        Map<Value, Value> gradients = new HashMap<>();
        int last = 0;
        for (Value loss : losses) {
            gradients.merge(loss, fill(graph, 1.0, loss.shape()), (a, b) -> add(a, b));
            last = Math.max(last, loss.node().id());
        }
        for (int id = last; id >= 0; id--) {
            Node node = graph.nodes().get(id);
            if (!(node.op() instanceof Leaf)) {
                backward(node, moving, gradients);
            }
        }
        List<Value> result = new ArrayList<>();
        for (Value value : wanted) {
            Value gradient = gradients.get(value);
            result.add(gradient != null ? gradient : fill(graph, 0.0, value.shape()));
        }
        return result;
    }

    private static Set<Value> dependents(Graph graph, List<Value> wanted) {
        Set<Value> moving = new HashSet<>(wanted);
        for (Node node : graph.nodes()) {
            if (node.inputs().stream().anyMatch(moving::contains)) {
                node.outputs().stream().filter(Objects::nonNull).forEach(moving::add);
            }
        }
        return moving;
    }

    private static void backward(Node node, Set<Value> moving, Map<Value, Value> gradients) {
        List<Value> upstream = new ArrayList<>();
        boolean arrives = false;
        for (Value output : node.outputs()) {
            Value gradient = output == null ? null : gradients.get(output);
            upstream.add(gradient);
            arrives |= gradient != null;
        }
        boolean[] needed = new boolean[node.inputs().size()];
        boolean wanted = false;
        for (int i = 0; i < needed.length; i++) {
            needed[i] = node.input(i) != null && moving.contains(node.input(i));
            wanted |= needed[i];
        }
        if (arrives && wanted) {
            checkSavedOutputs(node, upstream);
            deliver(node, node.op().gradient(node, upstream, needed), needed, gradients);
        }
    }

    // Outputs behind the first are kept for the backward op; a loss that reads one would lose its gradient in silence.
    private static void checkSavedOutputs(Node node, List<Value> upstream) {
        for (int i = 1; i < upstream.size(); i++) {
            if (upstream.get(i) != null) {
                throw new NoGradientException(node.op().name() + " has a gradient for its first output only; the loss reads output " + i);
            }
        }
    }

    private static void deliver(Node node, List<Value> found, boolean[] needed, Map<Value, Value> gradients) {
        for (int i = 0; i < needed.length; i++) {
            if (!needed[i] || found.get(i) == null) {
                continue;
            }
            Value input = node.input(i);
            if (!found.get(i).shape().equals(input.shape())) {
                throw new ShapeException("the gradient of " + node.op().name() + " for its input " + i + " has shape " + found.get(i).shape()
                    + " instead of " + input.shape());
            }
            gradients.merge(input, found.get(i), (a, b) -> add(a, b));
        }
    }
}
