package org.primer4j.peft;

import java.util.List;
import java.util.Map;
import org.primer4j.graph.Value;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;

/**
 * Prompt tuning (Lester et al. 2021): trained embeddings of virtual tokens before every input of the encoder.
 *
 * @param length virtual tokens, P
 * @param spareRows rows behind them that are never read: the peft library stores P such rows for a model with a decoder
 */
public record PromptTuning(int length, int spareRows) implements PeftMethod {

    static final String PROMPT = "prompt.embeddings";
    private static final List<String> WORDS = List.of("shared.weight", "embeddings.word_embeddings.weight");

    /** @throws IllegalArgumentException when there is no virtual token or a negative number of spare rows */
    public PromptTuning {
        if (length < 1 || spareRows < 0) {
            throw new IllegalArgumentException("a prompt needs at least 1 virtual token and no negative number of spare rows, not " + length + " and "
                + spareRows);
        }
    }

    /** Without spare rows. */
    public PromptTuning(int length) {
        this(length, 0);
    }

    @Override
    public String methodName() {
        return "prompt";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("length", length);
    }

    @Override
    public Place place() {
        return Place.INPUT;
    }

    @Override
    public boolean owns(String tensor) {
        return tensor.equals(PROMPT);
    }

    @Override
    public Value prompt(Layers layers, int d) {
        return layers.graph().parameter(PROMPT, length + spareRows, d);
    }

    @Override
    public int promptLength() {
        return length;
    }

    /**
     * Word embeddings of tokens drawn from the whole vocabulary, with replacement: the paper's "sampled vocabulary" (sec. 3.2) without its
     * restriction to the 5,000 commonest tokens, which not every vocabulary's order tells; the peft library does the same.
     */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        String words = WORDS.stream().filter(model::has).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("the model has no word embeddings " + WORDS + " to start a prompt from"));
        int vocabulary = Math.toIntExact(model.size(words) / cols);
        float[] values = new float[rows * cols];
        for (int row = 0; row < rows; row++) {
            float[] word = model.floats(words, (long) random.nextInt(vocabulary) * cols, cols);
            System.arraycopy(word, 0, values, row * cols, cols);
        }
        return values;
    }
}
