package org.primer4j.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Rewrites a graph of fused ops as a graph of primitives, which can be differentiated any number of times. */
public final class Decomposition {

    private final Graph target;
    // A fused op and its inputs to its outputs; null keeps the op.
    private final BiFunction<Op.Fused, List<Value>, List<Value>> rule;
    private final Map<Value, Value> twins = new HashMap<>();

    private Decomposition(Graph target, BiFunction<Op.Fused, List<Value>, List<Value>> rule) {
        this.target = target;
        this.rule = rule;
    }

    /**
     * The same computation in primitives, in the given float type; outputs keep their names.
     *
     * @throws IllegalStateException when the graph holds a fused backward op: decompose before differentiating
     */
    public static Graph of(Graph source, DType dtype) {
        return rewritten(source, dtype, Op.Fused::decompose);
    }

    /** The same computation with only those ops decomposed that {@link Tangent} cannot go through. */
    public static Graph forTangents(Graph source) {
        return rewritten(source, source.dtype(), (op, inputs) -> op.hasTangents() ? null : op.decomposeForTangents(inputs));
    }

    private static Graph rewritten(Graph source, DType dtype, BiFunction<Op.Fused, List<Value>, List<Value>> rule) {
        Decomposition rewrite = new Decomposition(new Graph(source.lanes(), dtype), rule);
        source.axes().forEach(axis -> rewrite.target.axis(axis.name(), axis.capacity()));
        source.nodes().forEach(rewrite::rewrite);
        source.outputs().forEach((name, value) -> rewrite.target.output(name, rewrite.twin(value)));
        return rewrite.target;
    }

    private void rewrite(Node node) {
        List<Value> inputs = new ArrayList<>();
        node.inputs().forEach(v -> inputs.add(v == null ? null : twin(v)));
        List<Value> outputs;
        if (node.op() instanceof Leaf leaf) {
            outputs = List.of(target.leaf(retyped(leaf)));
        } else {
            List<Value> replacement = node.op() instanceof Op.Fused fused ? rule.apply(fused, inputs) : null;
            outputs = replacement != null ? replacement : target.append(node.op(), inputs).outputs();
        }
        for (int i = 0; i < outputs.size(); i++) {
            if (node.output(i) != null && outputs.get(i) != null) {
                twins.put(node.output(i), outputs.get(i));
            }
        }
    }

    private Leaf retyped(Leaf leaf) {
        DType type = leaf.leafType() == DType.I32 ? DType.I32 : target.dtype();
        IndexLimits limits = leaf.limits() instanceof IndexLimits.WithinSegment within
            ? new IndexLimits.WithinSegment(twin(within.offsets())) : leaf.limits();
        return new Leaf(leaf.kind(), leaf.leafName(), leaf.shape(), type, limits);
    }

    private Value twin(Value value) {
        Value twin = twins.get(value);
        if (twin == null) {
            throw new IllegalStateException("the decomposition has no twin of " + value + ", which only a fused backward op reads:"
                + " decompose a graph before differentiating it");
        }
        return twin;
    }
}
