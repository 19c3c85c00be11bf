package org.primer4j.objective.seq2seq;

import java.util.Locale;
import org.primer4j.gym.Answers;
import org.primer4j.gym.TaskInfo;
import org.primer4j.text.Cleanup;

/**
 * How a task's rows become texts for a model that writes, and what it writes a prediction.
 *
 * @param prefix how the task's name stands before the input
 * @param lowerCase whether inputs and outputs are lower-cased
 * @param cleanup whether {@link Cleanup} goes over what the model wrote
 * @param maxSource most tokens of an input, special tokens included; longer ones are cut at the end of the text
 * @param maxTarget the same for an output
 */
public record Seq2SeqFormat(Prefix prefix, boolean lowerCase, boolean cleanup, int maxSource, int maxTarget) {

    /**
     * CrossFit's (Ye et al. 2021; its code, dataloader/fewshot_gym_singletask.py and the defaults of cli_singletask.py):
     * {@code " [task] input"}, case kept, 512 and 64 tokens, cleaned up when decoded. Its sources begin with a space, which
     * BART's tokenizer sees; outputs stand alone.
     */
    public static final Seq2SeqFormat CROSSFIT = new Seq2SeqFormat(Prefix.BRACKETS, false, true, 512, 64);

    /** What stands before the input. */
    public enum Prefix {
        /** Nothing. */
        NONE,
        /** {@code " [task] "}, the task's name as its folder has it: CrossFit's. */
        BRACKETS,
        /** {@code "task: "}, every character but letters and digits a space: as T5 names its tasks (Raffel et al. 2020). */
        COLON
    }

    /** @throws IllegalArgumentException when there is no room for a token */
    public Seq2SeqFormat {
        if (maxSource < 1 || maxTarget < 1) {
            throw new IllegalArgumentException("a format needs room for a token, not " + maxSource + " and " + maxTarget + " tokens");
        }
    }

    /** The same with other limits. */
    public Seq2SeqFormat withLimits(int newMaxSource, int newMaxTarget) {
        return new Seq2SeqFormat(prefix, lowerCase, cleanup, newMaxSource, newMaxTarget);
    }

    /** What the model reads. */
    public String source(TaskInfo task, String input) {
        return cased(switch (prefix) {
            case NONE -> input;
            case BRACKETS -> " [" + task.name() + "] " + input;
            case COLON -> task.name().replaceAll("[^A-Za-z0-9]+", " ") + ": " + input;
        });
    }

    /** What the model is taught to write. */
    public String target(String output) {
        return cased(output);
    }

    /** The prediction in a decoded text: without white space at its ends, as CrossFit scores it. */
    public String prediction(String decoded) {
        return Answers.stripped(cleanup ? Cleanup.clean(decoded) : decoded);
    }

    private String cased(String text) {
        return lowerCase ? text.toLowerCase(Locale.ROOT) : text;
    }
}
