package org.primer4j.gym;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;

/** The seven scores of CrossFit (Ye et al. 2021); higher is better, 1 is perfect. */
public enum Metric {

    /** Share of predictions that equal an accepted answer after lower-casing; in [0, 1]. */
    ACC("ACC") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            return best(Answers::sameInAnyCase, predictions, references);
        }
    },

    /** Exact match: share of predictions that equal an accepted answer in {@link Answers#normalised normal form}; in [0, 1]. */
    EM("EM") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            return best(Answers::sameNormalised, predictions, references);
        }
    },

    /** Mean F1 of the words of prediction and best answer in normal form (SQuAD, Rajpurkar et al. 2016); in [0, 1]. */
    QA_F1("QA-F1") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            return best(Answers::wordF1, predictions, references);
        }
    },

    /** Mean Rouge-L F1 against the best answer (Lin 2004); in [0, 1]. */
    ROUGE_L("Rouge-L") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            return best(Answers::rougeL, predictions, references);
        }
    },

    /** Macro F1: the unweighted mean over all labels that occur as first reference or prediction; in [0, 1]. */
    CLASSIFICATION_F1("Classification-F1") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            List<String> gold = first(references);
            Set<String> labels = new TreeSet<>(gold);
            labels.addAll(predictions);
            return mean(labels.stream().mapToDouble(label -> Confusion.of(label, predictions, gold).f1()));
        }
    },

    /** Matthews correlation of "acceptable" against everything else; in [-1, 1], 0 if a side is constant. */
    MATTHEWS("Matthew-Correlation") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            List<String> stripped = predictions.stream().map(Answers::stripped).toList();
            return Confusion.of("acceptable", stripped, first(references)).matthews();
        }
    },

    /** Pearson's correlation with the first reference; in [-1, 1], undefined if a prediction is no number or a side is constant. */
    PEARSON("Pearson-Correlation") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            double[] gold = Numbers.parse(first(references));
            for (int i = 0; i < gold.length; i++) {
                if (Double.isNaN(gold[i])) {
                    throw new IllegalArgumentException("the reference '" + references.get(i).get(0) + "' is no number");
                }
            }
            return Numbers.correlation(Numbers.parse(predictions), gold);
        }
    };

    private final String officialName;

    Metric(String officialName) {
        this.officialName = officialName;
    }

    /** CrossFit's name, as task tables write it. */
    public String officialName() {
        return officialName;
    }

    /**
     * The metric of that name.
     *
     * @param officialName CrossFit's name
     * @param user         who asks, for the message: "task anli"
     * @throws BadInputException if there is no such metric
     */
    public static Metric named(String officialName, String user) {
        return Arrays.stream(values()).filter(m -> m.officialName.equals(officialName)).findFirst()
                .orElseThrow(() -> unknown(officialName, user));
    }

    /**
     * Scores predictions.
     *
     * @param predictions one text a row, at least one row
     * @param references  the accepted answers of each row, as many rows. The best answer counts; for F1 over classes and
     *                    the correlations, which need one truth a row, the first
     * @throws IllegalArgumentException if there are no rows, not as many of one as of the other, or an answer is missing
     *                                  or no number where the metric needs it
     */
    public Score evaluate(List<String> predictions, List<List<String>> references) {
        if (predictions.isEmpty() || predictions.size() != references.size()) {
            throw new IllegalArgumentException(officialName + " needs one reference list a prediction and at least one of each, but got "
                    + predictions.size() + " predictions and " + references.size() + " references");
        }
        return Score.of(compute(predictions, references));
    }

    /** The value of {@link #evaluate}, 0 where it is undefined. */
    public double score(List<String> predictions, List<List<String>> references) {
        return evaluate(predictions, references).value();
    }

    /** NaN where the metric has no value. */
    abstract double compute(List<String> predictions, List<List<String>> references);

    private static BadInputException unknown(String name, String user) {
        String known = Arrays.stream(values()).map(Metric::officialName).collect(Collectors.joining(", "));
        return new BadInputException(user + ": the metric '" + name + "' is unknown; expected one of " + known + ".");
    }

    /** The mean over rows of the best answer's score; a row without answers scores 0. */
    private static double best(ToDoubleBiFunction<String, String> score, List<String> predictions, List<List<String>> references) {
        return mean(IntStream.range(0, predictions.size()).mapToDouble(i -> references.get(i).stream()
                .mapToDouble(answer -> score.applyAsDouble(predictions.get(i), answer)).max().orElse(0)));
    }

    private static List<String> first(List<List<String>> references) {
        return references.stream().map(answers -> answers.stream().findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a row without a reference"))).toList();
    }

    private static double mean(DoubleStream values) {
        return values.average().orElseThrow();
    }
}
