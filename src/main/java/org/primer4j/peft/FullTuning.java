package org.primer4j.peft;

/**
 * All of the model's tensors are trained.
 *
 * @param embeddings whether the embedding tables are trained as well
 */
public record FullTuning(boolean embeddings) implements PeftMethod {

    @Override
    public String methodName() {
        return "full";
    }

    @Override
    public boolean trains(String tensor) {
        return embeddings || !tensor.endsWith("_embeddings.weight");
    }
}
