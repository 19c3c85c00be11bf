package org.primer4j.priming.meta;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Storage;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Flat;
import org.primer4j.training.ModelStorage;
import org.primer4j.training.ParameterLayout.Entry;
import org.primer4j.training.Parameters;

/** The passes over flat vectors between the programs of a meta-learner. */
final class MetaPasses extends NativeResource {

    private final List<FlatPass> passes = new ArrayList<>();
    private final int lanes;
    private final FlatPass descend;
    private final FlatPass descendSum;
    private final FlatPass sumGradients;
    private final FlatPass direct;
    private final FlatPass addAdjoint;
    private final FlatPass addShared;
    private final FlatPass collect;
    private final FlatPass collectMoves;
    private final FlatPass addRates;

    MetaPasses(MetaParameters parameters, Storage storage, MetaSettings settings, Device device) {
        super("flat passes");
        this.lanes = settings.lanes();
        int size = parameters.phi().layout().size();
        int outer = parameters.theta().layout().size();
        boolean shared = parameters.kept().size() < parameters.theta().layout().entries().size();
        List<Entry> entries = parameters.phi().layout().entries();
        List<Long> starts = entries.stream().map(e -> (long) e.offset()).toList();
        try (CloseOnFailure opened = new CloseOnFailure()) {
            Opener open = ops -> {
                FlatPass pass = opened.add(new FlatPass(lanes, storage, device, ops));
                passes.add(pass);
                return pass;
            };
            descend = open.pass((g, w) -> g.add(new Flat.AddRated(true, -1, starts), g.state(Parameters.VALUES, size), g.state(Parameters.GRADIENTS, size),
                MetaStorage.rates(g, Parameters.VALUES, entries.size())));
            descendSum = open.pass((g, w) -> g.add(new Flat.AddRated(true, -1, starts), g.state(Parameters.VALUES, size),
                g.state(MetaModel.DIRECTION, size), MetaStorage.rates(g, Parameters.VALUES, entries.size())));
            sumGradients = open.pass((g, w) -> g.add(new Flat.Add(), g.state(MetaModel.DIRECTION, size), g.state(Parameters.GRADIENTS, size), w));
            direct = open.pass((g, w) -> g.add(new Flat.AddRated(false, 1, starts), g.state(MetaModel.DIRECTION, size), g.state(MetaModel.ADJOINT, size),
                MetaStorage.rates(g, Parameters.VALUES, entries.size())));
            addAdjoint = open.pass((g, w) -> g.add(new Flat.Add(), g.state(MetaModel.ADJOINT, size), g.state(Parameters.GRADIENTS, size), w));
            addShared = shared ? opened.add(new FlatPass(1, new ModelStorage(null, parameters.theta()), device, (g, w) ->
                g.add(new Flat.Add(), g.state(Parameters.GRADIENT_SUM, outer), g.state(Parameters.GRADIENTS, outer), w))) : null;
            collect = open.pass((g, w) -> g.add(new Flat.SumLanes(parameters.kept()), MetaStorage.theta(g, Parameters.GRADIENT_SUM, outer),
                g.state(MetaModel.ADJOINT, size), w, null));
            collectMoves = open.pass((g, w) -> g.add(new Flat.SumLanes(parameters.kept()), MetaStorage.theta(g, Parameters.GRADIENT_SUM, outer),
                g.state(Parameters.VALUES, size), w, MetaStorage.theta(g, Parameters.VALUES, outer)));
            addRates = settings.learnRates() ? open.pass((g, w) -> addDots(g, entries, size)) : null;
            opened.succeeded();
        }
    }

    private interface Opener {

        FlatPass pass(BiConsumer<Graph, Value> ops);
    }

    // dL/dA = -<v_{k+1}, g_k> in each tensor, as phi_{k+1} = phi_k - A g_k.
    private static void addDots(Graph graph, List<Entry> entries, int size) {
        List<Flat.Place> places = new ArrayList<>();
        for (int t = 0; t < entries.size(); t++) {
            places.add(new Flat.Place(t, entries.get(t).offset(), entries.get(t).size()));
        }
        graph.add(new Flat.Dots(-1, places), MetaStorage.rates(graph, Parameters.GRADIENT_SUM, entries.size()), graph.state(MetaModel.LATER_ADJOINT, size),
            graph.state(MetaModel.INNER_GRADIENTS, size));
    }

    /** {@code phi -= A g} of the gradient that was computed last. */
    void descend() {
        descend.run(0, 0);
    }

    /** {@code phi -= A g} of the sum of gradients. */
    void descendSum() {
        descendSum.run(0, 0);
    }

    /** Adds the gradient that was computed last to the sum of gradients, which lies in the direction's place. */
    void sumGradients() {
        sumGradients.run(1, lanes);
    }

    /** The direction becomes {@code A v}. */
    void direct() {
        direct.run(0, 0);
    }

    /** Adds what was computed last, times a weight, to the first lanes' adjoint and to the meta-gradient of what all lanes share. */
    void add(double weight, int count) {
        addAdjoint.run(weight, count);
        if (addShared != null) {
            addShared.run(weight, 1);
        }
    }

    /** Adds the first lanes' adjoints to the meta-gradient. */
    void collect(int count) {
        collect.run(1, count);
    }

    /** Adds the first lanes' moves, times a weight, to theta's. */
    void collectMoves(double weight, int count) {
        collectMoves.run(weight, count);
    }

    /** Adds what the part that was computed last says of the inner rates to their gradient. */
    void addRates() {
        addRates.run(0, 0);
    }

    long bytes() {
        return passes.stream().mapToLong(FlatPass::bytes).sum() + (addShared == null ? 0 : addShared.bytes());
    }

    @Override
    protected void release() {
        passes.forEach(FlatPass::close);
        if (addShared != null) {
            addShared.close();
        }
    }
}
