package org.primer4j.priming.meta;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.Learner;
import org.primer4j.training.LossGraph;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingException;

/**
 * A model with two sets of parameters: theta, which the outer loop moves, and for each lane phi, which the inner loop moves
 * away from theta. Algorithms are written in its verbs ({@link MetaAlgorithm}); nothing of them allocates native memory.
 *
 * <p>The meta-gradient is exact (Finn et al. 2017, eq. 1): with {@code phi_{k+1} = phi_k - A g_k}, A the inner rates and g_k the
 * support loss's gradient, the adjoint {@code v} of phi goes back by {@code v <- v - H_k A v}, and that of the parameters that the
 * inner loop leaves alone by their mixed derivatives. Only the phi_k are kept: activations are computed anew, so that memory hardly
 * depends on the number of inner steps.
 *
 * @param <E> a row as the model reads it
 */
public final class MetaModel<E> extends NativeResource {

    /** The flat vector of phi's adjoint, the query loss's gradient seen from the current inner step. */
    public static final String ADJOINT = "adjoint";

    /** The flat vector that {@link #multiply} differentiates along. */
    public static final String DIRECTION = "direction";

    /** The flat vectors that the inner rates' gradient is made of; that of tensors that the inner loop leaves alone stays 0, and so their rate. */
    static final String INNER_GRADIENTS = "inner_gradients";
    static final String LATER_ADJOINT = "later_adjoint";

    private final MetaSettings settings;
    private final MetaParameters parameters;
    private final MetaPrograms<E> programs;
    private final MetaPasses passes;
    private final OuterUpdate update;
    private final OuterUpdate rateUpdate;
    private final EpisodeGroup<E> group;
    private int updates;
    private int begun;
    private float norm;

    /**
     * Compiles the programs and starts a run with seed 0.
     *
     * @param graphs of the loss, made with {@code adaptation} (an objective's head is moved by both loops)
     * @param weights the model's own tensors; theta starts with their values
     * @throws BadInputException when the model has dropout, or the inner loop moves nothing
     */
    public MetaModel(LossGraphs<E> graphs, MetaAdaptation adaptation, Weights weights, MetaSettings settings, Device device) {
        super("meta-learner");
        this.settings = settings;
        this.group = new EpisodeGroup<>(settings);
        LossGraph<E> first = MetaPrograms.withoutDropout(graphs.graph(settings.lanes(), 1));
        try (CloseOnFailure opened = new CloseOnFailure()) {
            parameters = opened.add(new MetaParameters(first, adaptation, weights, settings));
            MetaStorage storage = new MetaStorage(weights, parameters.phi(), parameters.theta(), parameters.rates());
            programs = opened.add(new MetaPrograms<>(graphs, first, parameters, settings, storage, device));
            passes = opened.add(new MetaPasses(parameters, storage, settings, device));
            update = opened.add(new OuterUpdate(parameters.theta(), settings.optimizer(), device));
            rateUpdate = settings.learnRates() ? opened.add(new OuterUpdate(parameters.rates(), Optimizer.AdamW.with(0, 0), device)) : null;
            parameters.reset(0);
            forget();
            opened.succeeded();
        }
    }

    /** The same of a learner's loss, with the room for a part that the learner has; dropout of the model's own, as BART's, is off. */
    public static <E extends TaskRow> MetaModel<E> of(Learner<E> learner, PretrainedModel model, Weights weights, MetaAdaptation adaptation,
                                                      MetaSettings settings, Device device) {
        PretrainedModel still = model.withConfig(model.config().withoutDropout());
        return new MetaModel<>((lanes, share) -> learner.lossGraph(still, adaptation, 0, lanes, share), adaptation, weights, settings, device);
    }

    public MetaSettings settings() {
        return settings;
    }

    /** What the outer loop moves, one lane: {@link Parameters#VALUES}; {@link Parameters#GRADIENT_SUM} holds the meta-gradient until {@link #update}. */
    public Parameters theta() {
        return parameters.theta();
    }

    /** What the inner loop moves, a lane an episode: {@link Parameters#VALUES} at the current inner step. */
    public Parameters phi() {
        return parameters.phi();
    }

    /** The inner rates as a vector, one lane. */
    Parameters rates() {
        return parameters.rates();
    }

    /** Each of phi's tensors with its inner rate; 0 where the inner loop does not move it. */
    public synchronized Map<String, Float> innerRates() {
        checkOpen();
        float[] rates = parameters.innerRates();
        Map<String, Float> named = new LinkedHashMap<>();
        phi().layout().entries().forEach(e -> named.put(e.name(), rates[named.size()]));
        return named;
    }

    /** Starts a new run: theta's start values, the outer optimizer's state zero. */
    public synchronized void reset(long seed) {
        checkOpen();
        parameters.reset(seed);
        updates = 0;
        begun = 0;
        group.end();
    }

    /** Forgets what the outer parameters have learned since the last update. */
    public synchronized void clear() {
        checkOpen();
        forget();
    }

    private void forget() {
        theta().zero(Parameters.GRADIENT_SUM);
        parameters.rates().zero(Parameters.GRADIENT_SUM);
        begun = 0;
    }

    /**
     * Puts phi_0 at theta, in one lane for each episode, and the adjoint at zero. What the outer loop does not keep starts with new
     * random values, which depend on the run's seed, the number of updates and how many episodes came since.
     *
     * @throws IllegalArgumentException when there are more episodes than lanes, or their steps are not as many as the settings'
     */
    public synchronized void begin(List<Episode<E>> episodes) {
        checkOpen();
        group.begin(episodes);
        parameters.start(group.size(), updates, begun);
        if (settings.hasGradient()) {
            phi().zero(ADJOINT);
        }
        begun += group.size();
    }

    /**
     * Inner step k: {@code phi_{k+1} = phi_k - A g_k}; phi_k is kept.
     *
     * @return each episode's support loss at phi_k
     * @throws TrainingException when a loss is not finite
     * @throws BadInputException when a row alone is longer than the room for a part
     * @throws java.util.concurrent.CancellationException when the thread was interrupted
     */
    public synchronized double[] adapt(int k) {
        checkOpen();
        group.stepForth(k);
        parameters.keep(k);
        double[] losses = programs.inner().run(group.support(k), this::descend);
        return group.finite(losses, updates + 1, "inner step " + (k + 1), "inner rate than " + settings.innerRate());
    }

    private void descend(boolean first, boolean last) {
        if (first && last) {
            passes.descend();
            return;
        }
        if (first) {
            phi().zero(DIRECTION);
        }
        passes.sumGradients();
        if (last) {
            passes.descendSum();
        }
    }

    /**
     * Adds {@code weight} times the query loss's gradients at the current phi: by phi to the adjoint, by the parameters that only the outer
     * loop moves to the meta-gradient.
     *
     * @return each episode's query loss
     * @throws TrainingException when a loss is not finite
     * @throws IllegalArgumentException when an episode has no query
     */
    public synchronized double[] learn(double weight) {
        requireGradient(true);
        double[] losses = programs.query().run(group.query(), (first, last) -> passes.add(weight, group.size()));
        return group.finite(losses, updates + 1, "query", "rate");
    }

    /** Takes the adjoint, and the meta-gradient with it, back through inner step k, and phi to phi_k. Steps go back from the last to the first. */
    public synchronized void unroll(int k) {
        requireGradient(true);
        programs.requireProduct();
        group.stepBack(k);
        parameters.restore(k);
        passes.direct();
        if (settings.learnRates()) {
            phi().copy(ADJOINT, LATER_ADJOINT);
        }
        multiply(k);
    }

    /**
     * Subtracts from the adjoint (and from the meta-gradient) the product of the second derivatives of step k's support loss, at the current
     * phi, with {@link #DIRECTION}: after {@link #begin} the adjoint is minus a Hessian-vector product.
     */
    public synchronized void multiply(int k) {
        requireGradient(true);
        programs.product().run(group.support(k), (first, last) -> {
            if (settings.learnRates()) {
                passes.addRates();
            }
            passes.add(-1, group.size());
        });
    }

    /** Adds the adjoints of all lanes to the meta-gradient. */
    public synchronized void collect() {
        requireGradient(true);
        passes.collect(group.size());
    }

    /** Adds {@code weight} times how far each lane moved from theta to the sum of moves ({@link Parameters#GRADIENT_SUM}); without an optimizer only. */
    public synchronized void collectMoves(double weight) {
        requireGradient(false);
        passes.collectMoves(weight, group.size());
    }

    /**
     * Moves theta by the optimizer along the meta-gradient, or, without an optimizer, by {@code rate * sum of moves}; clears either.
     *
     * @throws TrainingException when what theta would move along is not finite; theta is as before
     */
    public synchronized void update(double rate) {
        checkOpen();
        norm = update.norm();
        float ratesNorm = rateUpdate == null ? 0 : rateUpdate.norm();
        boolean finite = Float.isFinite(norm) && Float.isFinite(ratesNorm);
        if (finite) {
            update.step(rate, updates + 1);
            if (rateUpdate != null) {
                rateUpdate.step(rate, updates + 1);
            }
        }
        forget();
        if (!finite) {
            throw new TrainingException("outer step " + (updates + 1) + ": what theta would move along has the norm " + norm
                + (rateUpdate == null ? "" : ", what the inner rates would " + ratesNorm) + "; take a smaller inner rate than " + settings.innerRate());
        }
        updates++;
    }

    private void requireGradient(boolean expected) {
        checkOpen();
        group.requireBegun();
        if (settings.hasGradient() != expected) {
            throw new IllegalStateException("the model was made " + (expected ? "without" : "with") + " an optimizer (MetaSettings.optimizer)");
        }
    }

    /** The meta-gradient's norm before clipping, of the last update; of Reptile, the norm of the mean move. */
    public synchronized float gradNorm() {
        return norm;
    }

    /** Updates since the reset. */
    public synchronized int updates() {
        return updates;
    }

    /** Tokens read since the model was made; once for each pass. */
    public synchronized long tokens() {
        return programs.tokens();
    }

    /** Bytes of native memory of programs and parameters; frozen weights are shared and not counted. */
    public synchronized long bytes() {
        return programs.bytes() + passes.bytes() + update.bytes() + (rateUpdate == null ? 0 : rateUpdate.bytes())
            + parameters.bytes();
    }

    @Override
    protected void release() {
        programs.close();
        passes.close();
        update.close();
        if (rateUpdate != null) {
            rateUpdate.close();
        }
        parameters.close();
    }
}
