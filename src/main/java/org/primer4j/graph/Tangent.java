package org.primer4j.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Forward-mode differentiation, graph to graph: how results change when leaves move along directions. Applied to a
 * {@link Gradient} it gives Hessian-vector and mixed-derivative-vector products (Pearlmutter 1994): with a direction v for the
 * parameters p, the tangent of the gradient by q is {@code d/de grad_q loss(p + e v)} at e = 0. Every saved value gains one
 * tangent of its own size, so that such a product takes about twice the memory and the time of the gradient, however the model is built.
 */
public final class Tangent {

    private final Set<Value> wanted = new HashSet<>();
    private final Map<Value, Value> tangents;

    private Tangent(Map<Value, Value> directions) {
        this.tangents = new HashMap<>(directions);
    }

    /**
     * Appends the tangents of {@code results}.
     *
     * @param results what is asked about
     * @param directions for each leaf that moves, a leaf of its shape
     * @return one value for each result, of its shape; zeros where the result does not depend on what moves
     * @throws IllegalArgumentException when what moves, or its direction, is computed: tangents run among the nodes they belong to, which may be
     *     before it is
     * @throws NoTangentException when an op on the way has no tangent
     */
    public static List<Value> of(List<Value> results, Map<Value, Value> directions) {
        directions.forEach(Tangent::check);
        Graph graph = results.get(0).graph();
        Tangent tangent = new Tangent(directions);
        int last = tangent.want(graph, results);
        for (int id = 0; id <= last; id++) {
            tangent.forward(graph.nodes().get(id));
        }
        List<Value> found = new ArrayList<>();
        for (Value result : results) {
            Value moved = tangent.tangents.get(result);
            found.add(moved != null ? moved : Ops.fill(graph, 0.0, result.shape()));
        }
        return found;
    }

    private static void check(Value value, Value direction) {
        if (!(value.node().op() instanceof Leaf) || !(direction.node().op() instanceof Leaf)) {
            throw new IllegalArgumentException("leaves move along leaves, not " + value + " along " + direction);
        }
        if (!value.shape().equals(direction.shape())) {
            throw new ShapeException("the direction of " + value + " has shape " + direction.shape() + " instead of " + value.shape());
        }
    }

    /** Marks what the results are made of. Returns the last node's id. */
    private int want(Graph graph, List<Value> results) {
        wanted.addAll(results);
        int last = results.stream().mapToInt(v -> v.node().id()).max().orElse(-1);
        for (int id = last; id >= 0; id--) {
            Node node = graph.nodes().get(id);
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                node.inputs().stream().filter(Objects::nonNull).forEach(wanted::add);
            }
        }
        return last;
    }

    private void forward(Node node) {
        boolean[] needed = new boolean[node.outputs().size()];
        boolean any = false;
        for (int i = 0; i < needed.length; i++) {
            needed[i] = node.output(i) != null && wanted.contains(node.output(i));
            any |= needed[i];
        }
        List<Value> moved = new ArrayList<>();
        node.inputs().forEach(v -> moved.add(v == null ? null : tangents.get(v)));
        if (any && !(node.op() instanceof Leaf) && moved.stream().anyMatch(Objects::nonNull)) {
            // Interleaved with what it is the tangent of, so that memory is free as soon as without tangents.
            node.graph().follow(node);
            try {
                deliver(node, node.op().tangent(node, moved, needed), needed);
            } finally {
                node.graph().follow(null);
            }
        }
    }

    private void deliver(Node node, List<Value> found, boolean[] needed) {
        for (int i = 0; i < needed.length; i++) {
            if (!needed[i] || found.get(i) == null) {
                continue;
            }
            if (!found.get(i).shape().equals(node.output(i).shape())) {
                throw new ShapeException("the tangent of " + node.op().name() + "'s output " + i + " has shape " + found.get(i).shape() + " instead of "
                    + node.output(i).shape());
            }
            tangents.put(node.output(i), found.get(i));
        }
    }
}
