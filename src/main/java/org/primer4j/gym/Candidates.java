package org.primer4j.gym;

import java.nio.file.Path;
import java.util.List;
import org.primer4j.BadInputException;

/**
 * The outputs a model chooses from: for classification the distinct outputs of the train rows, sorted; for multiple
 * choice the options in the input.
 *
 * <p>A gold output that is no candidate can never be predicted, so {@link Gym#read} refuses a sample with such a row
 * in any of its files: a label that appears in dev or test only, or an answer that is not among its options. Labels
 * are compared exactly, options ignoring case and white space.
 */
public final class Candidates {

    private final TaskInfo info;
    private final List<String> labels;

    private Candidates(TaskInfo info, List<String> labels) {
        this.info = info;
        this.labels = labels;
    }

    /**
     * The candidates of a sample.
     *
     * @throws BadInputException if the task's outputs are free text, or classification has a single label
     */
    public static Candidates of(TaskSample sample) {
        return of(sample.info(), sample.train());
    }

    static Candidates of(TaskInfo info, List<Example> train) {
        return switch (info.type()) {
            case CLASSIFICATION -> new Candidates(info, labels(info, train));
            case MULTIPLE_CHOICE -> new Candidates(info, List.of());
            case QA, GENERATION, REGRESSION, FREE_TEXT -> throw new BadInputException("Task " + info.name()
                    + " has free-text outputs; expected a classification or multiple-choice task.");
        };
    }

    /** The labels of a classification task, sorted; none for multiple choice, where every input has its own. */
    public List<String> labels() {
        return labels;
    }

    /**
     * What may be answered to an input.
     *
     * @throws BadInputException if a multiple-choice input has no options
     */
    public List<String> of(String input) {
        return info.type() == TaskType.CLASSIFICATION ? labels : options(input).texts();
    }

    /** The position of the example's output in {@link #of(String)}; -1 if it is not there. */
    public int gold(Example example) {
        return info.type() == TaskType.CLASSIFICATION
                ? labels.indexOf(example.output()) : options(example.input()).indexOf(example.output());
    }

    /** Refuses the first example whose output is no candidate; example i stands on line i + 1 of the file. */
    void check(Path file, List<Example> examples) {
        for (int i = 0; i < examples.size(); i++) {
            check(file + ":" + (i + 1), examples.get(i));
        }
    }

    private void check(String place, Example example) {
        if (info.type() == TaskType.MULTIPLE_CHOICE && Options.parse(example.input()).isEmpty()) {
            throw new BadInputException(place + ": the input has no options; expected '(A) ... (B) ...' in it.");
        }
        if (gold(example) < 0) {
            throw new BadInputException(place + ": the output '" + example.output() + "' is none of the "
                    + (labels.isEmpty() ? "options" : "train file's labels") + " " + of(example.input()) + ".");
        }
    }

    private Options options(String input) {
        return Options.parse(input).orElseThrow(() -> new BadInputException("Task " + info.name()
                + ": the input '" + input + "' has no options; expected '(A) ... (B) ...' in it."));
    }

    private static List<String> labels(TaskInfo info, List<Example> train) {
        List<String> labels = train.stream().map(Example::output).distinct().sorted().toList();
        if (labels.size() < 2) {
            throw new BadInputException("Task " + info.name() + ": all train outputs are " + labels
                    + "; a classification task needs at least two labels.");
        }
        return labels;
    }
}
