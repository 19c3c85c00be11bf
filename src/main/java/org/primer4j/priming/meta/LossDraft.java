package org.primer4j.priming.meta;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.primer4j.graph.Decomposition;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.Value;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.training.LossGraph;
import org.primer4j.training.Placements;

/**
 * A loss and derivatives of it, planned but not compiled. Derivatives by phi go to {@link Parameters#GRADIENTS} of phi, those by
 * what all lanes share to {@link Parameters#GRADIENTS} of theta.
 *
 * @param source the loss's graph
 * @param loss one number a lane
 */
record LossDraft<E>(LossGraph<E> source, Value loss, Plan plan) {

    private static final String LOSS = "loss";

    /**
     * The gradient.
     *
     * @param wanted which of phi's tensors it is taken by
     * @param shared whether it is taken by what all lanes share as well
     */
    static <E> LossDraft<E> gradient(LossGraph<E> source, Predicate<String> wanted, boolean shared, ParameterLayout phi, ParameterLayout theta) {
        Graph graph = source.graph();
        graph.output(LOSS, source.loss());
        List<Value> leaves = leaves(graph, wanted, shared);
        Placements placements = place(graph, leaves, Gradient.of(source.loss(), leaves), phi, theta);
        return new LossDraft<>(source, source.loss(), Plan.of(graph, placements.map()));
    }

    /**
     * The products of the second derivatives, by phi twice and by shared and phi, with {@link MetaModel#DIRECTION}: forward mode over the
     * gradient (Pearlmutter 1994).
     *
     * @param moved which of phi's tensors have a direction
     * @param firstOrder whether the gradient by these, and by no others, is written to {@link MetaModel#INNER_GRADIENTS} as well
     */
    static <E> LossDraft<E> product(LossGraph<E> source, Predicate<String> moved, boolean firstOrder, ParameterLayout phi, ParameterLayout theta) {
        source.graph().output(LOSS, source.loss());
        Graph graph = Decomposition.forTangents(source.graph());
        Value loss = graph.outputs().get(LOSS);
        List<Value> leaves = leaves(graph, tensor -> true, true);
        List<Value> gradients = Gradient.of(loss, leaves);
        Map<Value, Value> directions = leaves(graph, moved, false).stream().collect(Collectors.toMap(leaf -> leaf, graph::direction));
        Placements placements = place(graph, leaves, Tangent.of(gradients, directions), phi, theta);
        if (firstOrder) {
            List<Value> adapted = leaves(graph, moved, false);
            List<Value> theirs = adapted.stream().map(leaf -> gradients.get(leaves.indexOf(leaf))).toList();
            placements.add(phi, adapted, theirs, graph.state(MetaModel.INNER_GRADIENTS, phi.size()));
        }
        return new LossDraft<>(source, loss, Plan.of(graph, placements.map()));
    }

    // Phi's tensors first.
    private static List<Value> leaves(Graph graph, Predicate<String> wanted, boolean shared) {
        Stream<Value> own = graph.leaves(Leaf.Kind.PARAMETER).stream().filter(leaf -> wanted.test(name(leaf)));
        return Stream.concat(own, shared ? graph.leaves(Leaf.Kind.SHARED).stream() : Stream.empty()).toList();
    }

    private static Placements place(Graph graph, List<Value> leaves, List<Value> derivatives, ParameterLayout phi, ParameterLayout theta) {
        int own = (int) leaves.stream().filter(leaf -> leaf.shape().laned()).count();
        Placements placements = new Placements();
        placements.add(phi, leaves.subList(0, own), derivatives.subList(0, own), graph.state(Parameters.GRADIENTS, phi.size()));
        if (own < leaves.size()) {
            placements.add(theta, leaves.subList(own, leaves.size()), derivatives.subList(own, leaves.size()),
                MetaStorage.theta(graph, Parameters.GRADIENTS, theta.size()));
        }
        return placements;
    }

    static String name(Value leaf) {
        return ((Leaf) leaf.node().op()).leafName();
    }
}
