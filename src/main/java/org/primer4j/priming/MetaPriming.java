package org.primer4j.priming;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.meta.Anil;
import org.primer4j.priming.meta.Episode;
import org.primer4j.priming.meta.Fomaml;
import org.primer4j.priming.meta.LastLayer;
import org.primer4j.priming.meta.Maml;
import org.primer4j.priming.meta.MetaAdaptation;
import org.primer4j.priming.meta.MetaAlgorithm;
import org.primer4j.priming.meta.MetaModel;
import org.primer4j.priming.meta.MetaSettings;
import org.primer4j.priming.meta.Reptile;

/**
 * Meta-learning: each step learns from a meta-batch of episodes.
 *
 * @param <E> a row as the model reads it
 */
final class MetaPriming<E extends TaskRow> implements OuterLoop {

    private final MetaModel<E> model;
    private final Weights weights;
    private final MetaAlgorithm algorithm;
    private final EpisodeSampler<E> sampler;
    private long examples;

    /**
     * @param model at the start of its run; closed with this
     * @param weights the model's
     */
    MetaPriming(MetaModel<E> model, Weights weights, MetaAlgorithm algorithm, EpisodeSampler<E> sampler) {
        this.model = model;
        this.weights = weights;
        this.algorithm = algorithm;
        this.sampler = sampler;
    }

    /** What the loops of a recipe move. */
    static MetaAdaptation adaptation(Recipe recipe, PeftMethod method, PretrainedModel model) {
        Predicate<String> adapted = recipe.algorithm() == Algorithm.ANIL ? LastLayer.of(model.weights().keySet()) : tensor -> true;
        return new MetaAdaptation(recipe.involvesPeft() ? method : null, recipe.tune(), recipe.inner(), recipe.outer().embeddings(), adapted);
    }

    /** Tasks that adapt only a method's parameters do so side by side; each copy of a PLM would take as much memory as the PLM. */
    static MetaSettings settings(Recipe recipe) {
        int lanes = recipe.inner() == Tunables.PEFT ? recipe.outer().batch() : 1;
        InnerLoop loop = recipe.loop();
        return new MetaSettings(lanes, loop.steps(), loop.rate(), recipe.algorithm().isSecondOrder(), loop.learnRates(),
            recipe.algorithm().hasOuterGradient() ? recipe.outer().training().optimizer() : null);
    }

    /** The algorithm of a recipe; a multi-step loss weighs all inner steps alike. */
    static MetaAlgorithm algorithm(Recipe recipe) {
        if (recipe.loop().multiStepLoss()) {
            // ANIL differs from MAML only in what the inner loop moves.
            return new Maml(Collections.nCopies(recipe.loop().steps(), 1.0 / recipe.loop().steps()));
        }
        return switch (recipe.algorithm()) {
            case MAML -> new Maml();
            case FOMAML -> new Fomaml();
            case REPTILE -> new Reptile();
            case ANIL -> new Anil();
            case MTL -> throw new IllegalArgumentException("mtl has no inner loop");
        };
    }

    @Override
    public double step(double rate) {
        List<Episode<E>> episodes = sampler.next();
        episodes.forEach(episode -> examples += rows(episode));
        return algorithm.outerStep(model, episodes, rate);
    }

    private static long rows(Episode<?> episode) {
        return episode.query().size() + episode.support().stream().mapToLong(List::size).sum();
    }

    @Override
    public Parameters theta() {
        return model.theta();
    }

    @Override
    public Map<String, Float> innerRates() {
        return model.settings().learnRates() ? model.innerRates() : Map.of();
    }

    @Override
    public long examples() {
        return examples;
    }

    @Override
    public long tokens() {
        return model.tokens();
    }

    @Override
    public long bytes() {
        return model.bytes() + weights.bytes();
    }

    @Override
    public void close() {
        model.close();
    }
}
