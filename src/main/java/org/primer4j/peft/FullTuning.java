package org.primer4j.peft;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * All of the model's tensors are trained, but for BART's {@code final_logits_bias}, which is a constant there.
 *
 * @param embeddings whether the embedding tables are trained as well
 */
public record FullTuning(boolean embeddings) implements PeftMethod {

    private static final String CONSTANT = "final_logits_bias";
    /** Tables of BERT, BART and T5. */
    private static final Pattern TABLE = Pattern.compile("(.*_embeddings|.*embed_positions|.*embed_tokens|shared)\\.weight");

    @Override
    public String methodName() {
        return "full";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("embeddings", embeddings);
    }

    @Override
    public Place place() {
        return Place.MODEL;
    }

    @Override
    public boolean owns(String tensor) {
        return trains(tensor);
    }

    @Override
    public boolean trains(String tensor) {
        return !tensor.equals(CONSTANT) && (embeddings || !isTable(tensor));
    }

    /** Whether a tensor is a table of word, position or type embeddings. */
    static boolean isTable(String tensor) {
        return TABLE.matcher(tensor).matches();
    }
}
