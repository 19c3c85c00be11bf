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
import org.primer4j.model.ModelStorage;
import org.primer4j.model.ParameterLayout.Entry;
import org.primer4j.model.Parameters;

/** The passes over flat vectors between the programs of a meta-learner. Those that its settings never ask for are not there, nor their vectors. */
final class MetaPasses extends NativeResource {

    private final List<FlatPass> passes = new ArrayList<>();
    private final List<Entry> entries;
    private final int size;
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
        this.entries = parameters.phi().layout().entries();
        this.size = parameters.phi().layout().size();
        boolean gradient = settings.hasGradient();
        boolean shared = parameters.kept().size() < parameters.theta().layout().entries().size();
        try (CloseOnFailure opened = new CloseOnFailure()) {
            Opener open = (asked, ops) -> asked ? open(opened, new FlatPass(lanes, storage, device, ops)) : null;
            descend = open.pass(true, (g, w) -> addRated(g, true, -1, Parameters.VALUES, Parameters.GRADIENTS));
            descendSum = open.pass(true, (g, w) -> addRated(g, true, -1, Parameters.VALUES, MetaModel.DIRECTION));
            sumGradients = open.pass(true, (g, w) -> add(g, MetaModel.DIRECTION, Parameters.GRADIENTS, size, w));
            direct = open.pass(settings.secondOrder(), (g, w) -> addRated(g, false, 1, MetaModel.DIRECTION, MetaModel.ADJOINT));
            addAdjoint = open.pass(gradient, (g, w) -> add(g, MetaModel.ADJOINT, Parameters.GRADIENTS, size, w));
            addShared = gradient && shared ? open(opened, new FlatPass(1, new ModelStorage(null, parameters.theta()), device,
                (g, w) -> add(g, Parameters.GRADIENT_SUM, Parameters.GRADIENTS, parameters.theta().layout().size(), w))) : null;
            collect = open.pass(gradient, (g, w) -> sumLanes(g, parameters, MetaModel.ADJOINT, w, false));
            collectMoves = open.pass(!gradient, (g, w) -> sumLanes(g, parameters, Parameters.VALUES, w, true));
            addRates = open.pass(settings.learnRates(), (g, w) -> addDots(g));
            opened.succeeded();
        }
    }

    private interface Opener {

        /** @param asked whether the pass is ever run; null is made of one that is not */
        FlatPass pass(boolean asked, BiConsumer<Graph, Value> ops);
    }

    private FlatPass open(CloseOnFailure opened, FlatPass pass) {
        passes.add(opened.add(pass));
        return pass;
    }

    private static void add(Graph graph, String to, String from, int size, Value weight) {
        graph.add(new Flat.Add(), graph.state(to, size), graph.state(from, size), weight);
    }

    private void addRated(Graph graph, boolean keep, double scale, String to, String from) {
        List<Long> starts = entries.stream().map(e -> (long) e.offset()).toList();
        graph.add(new Flat.AddRated(keep, scale, starts), graph.state(to, size), graph.state(from, size),
            MetaStorage.rates(graph, Parameters.VALUES, entries.size()));
    }

    private void sumLanes(Graph graph, MetaParameters parameters, String from, Value weight, boolean moves) {
        int outer = parameters.theta().layout().size();
        graph.add(new Flat.SumLanes(parameters.kept()), MetaStorage.theta(graph, Parameters.GRADIENT_SUM, outer), graph.state(from, size), weight,
            moves ? MetaStorage.theta(graph, Parameters.VALUES, outer) : null);
    }

    // dL/dA = -<v_{k+1}, g_k> in each tensor, as phi_{k+1} = phi_k - A g_k.
    private void addDots(Graph graph) {
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
        return passes.stream().mapToLong(FlatPass::bytes).sum();
    }

    @Override
    protected void release() {
        passes.forEach(FlatPass::close);
    }
}
