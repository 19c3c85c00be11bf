package org.primer4j.objective.seq2seq;

import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskInfo;
import org.primer4j.text.Tokenizer;

/** Tasks' rows to token ids, and a model's token ids to predictions. Cutting a text never takes its end token. */
public final class Seq2SeqEncoder {

    private final Tokenizer tokenizer;
    private final Seq2SeqFormat format;

    /**
     * @param tokenizer stays open as long as this is used
     * @param eos the model's end token
     * @throws BadInputException if the tokenizer does not end texts with it
     */
    public Seq2SeqEncoder(Tokenizer tokenizer, Seq2SeqFormat format, int eos) {
        tokenizer.requireEnds(eos);
        this.tokenizer = tokenizer;
        this.format = format;
    }

    public Seq2SeqFormat format() {
        return format;
    }

    /** A row of a task of any type. */
    public Seq2SeqExample encode(TaskInfo task, Example row) {
        return new Seq2SeqExample(source(task, row.input()), row.outputs().stream().map(this::target).toList(), row.outputs());
    }

    /** An input whose answer is not known. */
    public Seq2SeqExample encode(TaskInfo task, String input) {
        return new Seq2SeqExample(source(task, input), List.of(), List.of());
    }

    /** What a model says with these ids: no special tokens, no white space at the ends. */
    public String prediction(int[] ids) {
        return format.prediction(tokenizer.decode(ids, true));
    }

    private int[] source(TaskInfo task, String input) {
        return tokenizer.encode(format.source(task, input), format.maxSource());
    }

    private int[] target(String output) {
        return tokenizer.encode(format.target(output), format.maxTarget());
    }
}
