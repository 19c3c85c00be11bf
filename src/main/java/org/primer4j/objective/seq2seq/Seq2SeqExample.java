package org.primer4j.objective.seq2seq;

import java.util.List;
import org.primer4j.objective.TaskRow;

/**
 * A row of a task for a model that writes.
 *
 * @param source token ids of the input, special tokens included
 * @param targets token ids of each accepted output, special tokens included; the decoder's start token is not among them.
 *     Empty where no answer is known
 * @param references the accepted outputs as the gym has them, as many
 */
public record Seq2SeqExample(int[] source, List<int[]> targets, List<String> references) implements TaskRow {

    /** @throws IllegalArgumentException when a text has no token, or targets and references are not as many */
    public Seq2SeqExample {
        targets = List.copyOf(targets);
        references = List.copyOf(references);
        if (source.length == 0 || targets.stream().anyMatch(target -> target.length == 0)) {
            throw new IllegalArgumentException("a source and its targets have a token at least");
        }
        if (targets.size() != references.size()) {
            throw new IllegalArgumentException(targets.size() + " targets but " + references.size() + " references");
        }
    }

    /** A row with one answer. */
    public Seq2SeqExample(int[] source, int[] target, String reference) {
        this(source, List.of(target), List.of(reference));
    }

    /**
     * The answer to learn: the first. CrossFit's code draws one at random each time.
     *
     * @throws IllegalStateException if no answer is known
     */
    public int[] target() {
        if (targets.isEmpty()) {
            throw new IllegalStateException("the answer to this row is not known");
        }
        return targets.get(0);
    }

    /** Counted on both sides: the source and the longest target. */
    @Override
    public int tokens() {
        return source.length + targets.stream().mapToInt(target -> target.length).max().orElse(0);
    }
}
