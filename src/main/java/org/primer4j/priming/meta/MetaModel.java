package org.primer4j.priming.meta;

import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.model.Weights;
import org.primer4j.training.Parameters;

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

    /**
     * Compiles the programs and starts a run with seed 0.
     *
     * @param graphs of the loss, made with {@code adaptation} (an objective's head is moved by both loops)
     * @param weights the model's own tensors; theta starts with their values
     */
    public MetaModel(LossGraphs<E> graphs, MetaAdaptation adaptation, Weights weights, MetaSettings settings, Device device) {
        super("meta-learner");
        throw new UnsupportedOperationException("not yet");
    }

    public MetaSettings settings() {
        throw new UnsupportedOperationException("not yet");
    }

    /** What the outer loop moves, one lane: {@link Parameters#VALUES}; {@link Parameters#GRADIENT_SUM} holds the meta-gradient until {@link #update}. */
    public Parameters theta() {
        throw new UnsupportedOperationException("not yet");
    }

    /** What the inner loop moves, a lane an episode: {@link Parameters#VALUES} at the current inner step. */
    public Parameters phi() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Starts a new run: theta's start values, the outer optimizer's state zero. */
    public void reset(long seed) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Forgets what the outer parameters have learned since the last update. */
    public void clear() {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Puts phi_0 at theta, in one lane for each episode, and the adjoint at zero. What the outer loop does not keep starts with new
     * random values, which depend on the run's seed, the number of updates and how many episodes came since.
     *
     * @throws IllegalArgumentException when there are more episodes than lanes, or their steps are not as many as the settings'
     */
    public void begin(List<Episode<E>> group) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Inner step k: {@code phi_{k+1} = phi_k - A g_k}; phi_k is kept.
     *
     * @return each episode's support loss at phi_k
     * @throws org.primer4j.training.TrainingException when a loss is not finite
     * @throws org.primer4j.BadInputException when a row alone is longer than the room for a part
     * @throws java.util.concurrent.CancellationException when the thread was interrupted
     */
    public double[] adapt(int k) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Adds {@code weight} times the query loss's gradients at the current phi: by phi to the adjoint, by the parameters that only the outer
     * loop moves to the meta-gradient.
     *
     * @return each episode's query loss
     */
    public double[] learn(double weight) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Takes the adjoint, and the meta-gradient with it, back through inner step k, and phi to phi_k. Steps go back from the last to the first. */
    public void unroll(int k) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Subtracts from the adjoint (and from the meta-gradient) the product of the second derivatives of step k's support loss, at the current
     * phi, with {@link #DIRECTION}: after {@link #begin} the adjoint is minus a Hessian-vector product.
     */
    public void multiply(int k) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Adds the adjoints of all lanes to the meta-gradient. */
    public void collect() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Adds {@code weight} times how far each lane moved from theta to the sum of moves ({@link Parameters#GRADIENT_SUM}). */
    public void collectMoves(double weight) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Moves theta by the optimizer along the meta-gradient, and clears that.
     *
     * @throws org.primer4j.training.TrainingException when the meta-gradient is not finite; theta is as before
     */
    public void update(double rate) {
        throw new UnsupportedOperationException("not yet");
    }

    /** {@code theta += rate * sum of moves}, and clears these. */
    public void interpolate(double rate) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The meta-gradient's norm before clipping, of the last update. */
    public float gradNorm() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Updates since the reset. */
    public int updates() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Tokens read since the model was made; once for each pass. */
    public long tokens() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Bytes of native memory of programs and parameters; frozen weights are shared and not counted. */
    public long bytes() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    protected void release() {
        throw new UnsupportedOperationException("not yet");
    }
}
