package org.primer4j.priming.meta;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Storage;
import org.primer4j.engine.Workspace;
import org.primer4j.graph.Leaf;
import org.primer4j.model.Layers;
import org.primer4j.model.ParameterLayout;
import org.primer4j.training.LossGraph;

/** The programs of a meta-learner, which run one after another in the same memory. */
final class MetaPrograms<E> extends NativeResource {

    private final Workspace workspace;
    private final LossProgram<E> inner;
    private final LossProgram<E> query;
    private final LossProgram<E> product;

    /** @param first a graph with a lane a task, which is used up */
    MetaPrograms(LossGraphs<E> graphs, LossGraph<E> first, MetaParameters parameters, MetaSettings settings, Storage storage, Device device) {
        super("programs of a meta-learner");
        List<LossDraft<E>> drafts = drafts(graphs, first, parameters, settings);
        try (CloseOnFailure opened = new CloseOnFailure()) {
            workspace = opened.add(new Workspace(device, drafts.stream().filter(Objects::nonNull).mapToLong(d -> d.plan().bytes()).max().orElseThrow()));
            inner = opened.add(new LossProgram<>(drafts.get(0), storage, device, workspace));
            query = drafts.get(1) == null ? inner : opened.add(new LossProgram<>(drafts.get(1), storage, device, workspace));
            product = drafts.get(2) == null ? null : opened.add(new LossProgram<>(drafts.get(2), storage, device, workspace));
            opened.succeeded();
        }
    }

    // Of the inner loop, of the query (null where it is the same), of second derivatives (null where none are asked for).
    private static <E> List<LossDraft<E>> drafts(LossGraphs<E> graphs, LossGraph<E> first, MetaParameters parameters, MetaSettings settings) {
        ParameterLayout phi = parameters.phi().layout();
        ParameterLayout theta = parameters.theta().layout();
        // What moves along no gradient asks for no query's.
        boolean same = !settings.hasGradient()
            || first.graph().leaves(Leaf.Kind.SHARED).isEmpty() && phi.entries().stream().allMatch(e -> parameters.adapts(e.name()));
        return Arrays.asList(
            LossDraft.gradient(first, parameters::adapts, false, phi, theta),
            same ? null : LossDraft.gradient(graphs.graph(settings.lanes(), 1), tensor -> true, true, phi, theta),
            settings.secondOrder()
                ? LossDraft.product(graphs.graph(settings.lanes(), settings.productRoom()), parameters::adapts, settings.learnRates(), phi, theta)
                : null);
    }

    /** Refuses a graph with dropout: second derivatives run in other parts than gradients, and masks depend on a row's place in its part. */
    static <E> LossGraph<E> withoutDropout(LossGraph<E> graph) {
        boolean dropout = graph.graph().leaves(Leaf.Kind.INPUT).stream().anyMatch(leaf -> LossDraft.name(leaf).equals(Layers.DROPOUT_KEY));
        if (dropout) {
            throw new BadInputException("Meta-learning is exact only without dropout, and the model or its method has some; expected dropout 0, of LoRA too"
                + " (--lora-dropout).");
        }
        return graph;
    }

    /** The gradient by what the inner loop moves. */
    LossProgram<E> inner() {
        return inner;
    }

    /** The gradient by all that a lane has, and by what the lanes share. */
    LossProgram<E> query() {
        return query;
    }

    /**
     * The products of second derivatives.
     *
     * @throws IllegalStateException when there are none
     */
    LossProgram<E> product() {
        requireProduct();
        return product;
    }

    void requireProduct() {
        if (product == null) {
            throw new IllegalStateException("the model was made without second derivatives (MetaSettings.secondOrder)");
        }
    }

    private Stream<LossProgram<E>> all() {
        return Stream.of(inner, query, product).filter(Objects::nonNull).distinct();
    }

    /** Tokens read. */
    long tokens() {
        return all().mapToLong(LossProgram::tokens).sum();
    }

    long bytes() {
        return workspace.bytes();
    }

    @Override
    protected void release() {
        all().forEach(LossProgram::close);
        workspace.close();
    }
}
