package org.primer4j.objective.seq2seq;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.gym.Example;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
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

    /** A sample's rows. */
    public Seq2SeqTask encode(TaskSample sample) {
        return new Seq2SeqTask(sample.info(), sample.seed(), encode(sample.info(), sample.train()), encode(sample.info(), sample.dev()),
            encode(sample.info(), sample.test()), sample);
    }

    /** Some rows. */
    public List<Seq2SeqExample> encode(TaskInfo task, List<Example> rows) {
        List<Seq2SeqExample> encoded = new ArrayList<>(rows.size());
        for (Example row : rows) {
            List<int[]> targets = row.outputs().stream().map(this::target).toList();
            encoded.add(new Seq2SeqExample(source(task, row.input()), targets, row.outputs()));
        }
        return encoded;
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
