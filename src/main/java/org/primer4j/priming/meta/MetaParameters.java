package org.primer4j.priming.meta;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Memory;
import org.primer4j.engine.NativeResource;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Flat.Place;
import org.primer4j.model.Adaptation;
import org.primer4j.model.ParameterLayout.Entry;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;
import org.primer4j.training.LossGraph;

/** Theta, phi, the inner rates, and how they hang together. */
final class MetaParameters extends NativeResource {

    private static final String RATES = "inner_rates";

    private final Weights weights;
    private final Adaptation start;
    private final MetaSettings settings;
    private final Parameters theta;
    private final Parameters phi;
    private final Parameters rates;
    private final Set<String> adapted;
    private final List<Place> kept = new ArrayList<>();
    private final List<Entry> drawn = new ArrayList<>();
    private final String[] states;
    private long seed;

    /** @param graph of the loss, with a lane a task */
    MetaParameters(LossGraph<?> graph, MetaAdaptation adaptation, Weights weights, MetaSettings settings) {
        super("parameters of a meta-learner");
        this.weights = weights;
        this.start = graph.adaptation();
        this.settings = settings;
        ParameterLayout inner = graph.layout();
        ParameterLayout outer = new ParameterLayout(outer(graph.graph(), adaptation));
        this.adapted = inner.entries().stream().map(Entry::name).filter(n -> adaptation.adapts(n, weights.has(n))).collect(Collectors.toUnmodifiableSet());
        if (adapted.isEmpty()) {
            throw new BadInputException("The inner loop moves nothing: none of the " + inner.entries().size()
                + " trained tensors is among those that it adapts; expected a method with parameters there.");
        }
        inner.entries().forEach(e -> sort(e, adaptation, outer));
        this.states = new String[settings.innerSteps()];
        for (int k = 0; k < states.length; k++) {
            states[k] = "inner_state_" + k;
        }
        try (CloseOnFailure opened = new CloseOnFailure()) {
            theta = opened.add(new Parameters(weights.device(), outer, 1));
            phi = opened.add(new Parameters(weights.device(), inner, settings.lanes()));
            rates = opened.add(new Parameters(weights.device(), ratesLayout(inner), 1));
            allocate();
            opened.succeeded();
        }
    }

    // In the order of their declaration.
    private List<Value> outer(Graph graph, MetaAdaptation adaptation) {
        Stream<Value> own = graph.leaves(Leaf.Kind.PARAMETER).stream()
            .filter(leaf -> adaptation.keeps(LossDraft.name(leaf), weights.has(LossDraft.name(leaf))));
        return Stream.concat(own, graph.leaves(Leaf.Kind.SHARED).stream()).sorted(Comparator.comparingInt(leaf -> leaf.node().id())).toList();
    }

    private void sort(Entry entry, MetaAdaptation adaptation, ParameterLayout outer) {
        if (adaptation.keeps(entry.name(), weights.has(entry.name()))) {
            kept.add(new Place(outer.entry(entry.name()).offset(), entry.offset(), entry.size()));
        } else {
            drawn.add(entry);
        }
    }

    private static ParameterLayout ratesLayout(ParameterLayout inner) {
        return new ParameterLayout(List.of(new Graph(1, DType.F32).parameter(RATES, 1, inner.entries().size())));
    }

    // Before the first step: steps allocate nothing.
    private void allocate() {
        for (int k = 0; settings.secondOrder() && k < states.length; k++) {
            if (keepsState(k)) {
                phi.vector(states[k]);
            }
        }
    }

    // The first state is theta's, unless something of it was drawn.
    private boolean keepsState(int k) {
        return k > 0 || !drawn.isEmpty();
    }

    Parameters theta() {
        return theta;
    }

    Parameters phi() {
        return phi;
    }

    Parameters rates() {
        return rates;
    }

    /** Whether the inner loop moves one of phi's tensors. */
    boolean adapts(String tensor) {
        return adapted.contains(tensor);
    }

    /** Phi's tensors that the outer loop keeps, in theta. */
    List<Place> kept() {
        return kept;
    }

    /** A new run's start values. */
    void reset(long newSeed) {
        seed = newSeed;
        theta.resetState(0);
        theta.initialize(0, weights, start, newSeed);
        rates.resetState(0);
        rates.write(0, RATES, startRates());
    }

    private float[] startRates() {
        List<Entry> entries = phi.layout().entries();
        float[] values = new float[entries.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = adapted.contains(entries.get(i).name()) ? (float) settings.innerRate() : 0;
        }
        return values;
    }

    /** The inner rate of each of phi's tensors, in the layout's order. */
    float[] innerRates() {
        return rates.read(0, RATES);
    }

    /**
     * Puts phi at theta, and draws what theta does not have.
     *
     * @param episodes whose values are drawn
     * @param update number of the outer update
     * @param first number of the first episode within that
     */
    void start(int episodes, int update, int first) {
        takeTheta();
        for (Entry entry : drawn) {
            for (int lane = 0; lane < episodes; lane++) {
                String stream = entry.name() + " of update " + update + ", episode " + (first + lane);
                phi.write(lane, entry.name(), start.initial(entry.name(), entry.rows(), entry.cols(), weights, new Philox(seed, stream)));
            }
        }
    }

    private void takeTheta() {
        Memory from = theta.vector(Parameters.VALUES);
        Memory to = phi.vector(Parameters.VALUES);
        for (Place place : kept) {
            for (int lane = 0; lane < phi.lanes(); lane++) {
                long target = (long) lane * phi.layout().size() + place.from();
                to.copyFrom(from, place.to() * Float.BYTES, target * Float.BYTES, place.size() * Float.BYTES);
            }
        }
    }

    /** Keeps phi as that of inner step k. */
    void keep(int k) {
        if (settings.secondOrder() && keepsState(k)) {
            phi.copy(Parameters.VALUES, states[k]);
        }
    }

    /** Puts phi back to that of inner step k. */
    void restore(int k) {
        if (keepsState(k)) {
            phi.copy(states[k], Parameters.VALUES);
        } else {
            takeTheta();
        }
    }

    long bytes() {
        return theta.bytes() + phi.bytes() + rates.bytes();
    }

    @Override
    protected void release() {
        theta.close();
        phi.close();
        rates.close();
    }
}
