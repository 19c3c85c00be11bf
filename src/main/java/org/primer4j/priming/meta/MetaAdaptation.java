package org.primer4j.priming.meta;

import java.util.function.Predicate;
import org.primer4j.model.Adaptation;
import org.primer4j.model.WrappedAdaptation;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.Tunables;

/**
 * What the two loops of meta-learning move in a model. What the inner loop moves has a copy a lane; what only the outer loop
 * moves is one for all lanes.
 *
 * @param peft the method of tuning; null where neither loop moves one
 * @param tune what the outer loop moves
 * @param inner what the inner loop moves
 * @param embeddings whether the embedding tables belong to the PLM that is moved ({@link FullTuning})
 * @param adapted which of the inner loop's tensors it moves; ANIL's are those of the {@link LastLayer}
 */
public record MetaAdaptation(PeftMethod peft, Tunables tune, Tunables inner, boolean embeddings, Predicate<String> adapted)
    implements WrappedAdaptation {

    /** @throws IllegalArgumentException when no algorithm has such loops */
    public MetaAdaptation {
        boolean known = tune == inner || inner == Tunables.PEFT;
        if (!known || (peft != null) != (tune.peft() || inner.peft())) {
            throw new IllegalArgumentException("no algorithm moves " + inner.text() + " inside and " + tune.text() + " outside " + (peft == null ? "without" : "with")
                + " a PEFT method");
        }
    }

    /** All of the inner loop's tensors are adapted. */
    public MetaAdaptation(PeftMethod peft, Tunables tune, Tunables inner, boolean embeddings) {
        this(peft, tune, inner, embeddings, tensor -> true);
    }

    @Override
    public Adaptation method() {
        return peft == null ? Adaptation.frozen() : peft;
    }

    /** Whether either loop moves one of the model's own tensors. */
    @Override
    public boolean trains(String tensor) {
        return moves(tune, tensor) || moves(inner, tensor);
    }

    @Override
    public boolean shares(String tensor) {
        return !(moves(inner, tensor) && adapted.test(tensor));
    }

    /**
     * Whether the outer loop keeps a tensor that the inner loop moves; one that it does not keep starts anew in every episode.
     *
     * @param own whether it is one of the model's own
     */
    boolean keeps(String tensor, boolean own) {
        return tune.peft() || own || peft == null || !peft.owns(tensor);
    }

    /**
     * Whether the inner loop moves a tensor that has a copy a lane; an objective's head it always does.
     *
     * @param own whether it is one of the model's own
     */
    boolean adapts(String tensor, boolean own) {
        return adapted.test(tensor) || !own && (peft == null || !peft.owns(tensor));
    }

    private boolean moves(Tunables tunables, String tensor) {
        return tunables.plm() && new FullTuning(embeddings).trains(tensor) || tunables.peft() && method().trains(tensor);
    }
}
