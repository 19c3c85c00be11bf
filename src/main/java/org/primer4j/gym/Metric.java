package org.primer4j.gym;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.primer4j.BadInputException;

/** The scores of CrossFit (Ye et al. 2021) for closed tasks; higher is better, 1 is perfect. */
public enum Metric {

    /** Share of predictions that equal an accepted answer after lower-casing; in [0, 1]. */
    ACC("ACC") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            return mean(IntStream.range(0, predictions.size())
                    .mapToDouble(i -> accepts(references.get(i), predictions.get(i)) ? 1 : 0));
        }
    },

    /** Macro F1: the unweighted mean over all labels that occur as first reference or prediction; in [0, 1]. */
    CLASSIFICATION_F1("Classification-F1") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            List<String> gold = first(references);
            Set<String> labels = new TreeSet<>(gold);
            labels.addAll(predictions);
            return mean(labels.stream().mapToDouble(label -> f1(label, predictions, gold)));
        }
    },

    /** Matthews correlation of "acceptable" against everything else; in [-1, 1], 0 if a side is constant. */
    MATTHEWS("Matthew-Correlation") {
        @Override
        double compute(List<String> predictions, List<List<String>> references) {
            List<String> stripped = predictions.stream().map(String::strip).toList();
            Confusion c = Confusion.of("acceptable", stripped, first(references));
            double scale = Math.sqrt(c.tp + c.fp) * Math.sqrt(c.tp + c.fn) * Math.sqrt(c.tn + c.fp) * Math.sqrt(c.tn + c.fn);
            return scale == 0 ? 0 : (c.tp * c.tn - c.fp * c.fn) / scale;
        }
    };

    private static final Set<String> NOT_YET = Set.of("EM", "QA-F1", "Rouge-L", "Pearson");

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
     * @throws BadInputException if there is no such metric, or not yet
     */
    public static Metric named(String officialName, String user) {
        return Arrays.stream(values()).filter(m -> m.officialName.equals(officialName)).findFirst()
                .orElseThrow(() -> unsupported(officialName, user));
    }

    /**
     * Scores predictions.
     *
     * @param predictions one text a row, at least one row
     * @param references  the accepted answers of each row, as many rows; only {@link #ACC} looks past the first
     * @throws IllegalArgumentException if there are no rows, or not as many of one as of the other
     */
    public double score(List<String> predictions, List<List<String>> references) {
        if (predictions.isEmpty() || predictions.size() != references.size()) {
            throw new IllegalArgumentException(officialName + " needs one reference list a prediction and at least one of each, but got "
                    + predictions.size() + " predictions and " + references.size() + " references");
        }
        return compute(predictions, references);
    }

    abstract double compute(List<String> predictions, List<List<String>> references);

    private static BadInputException unsupported(String name, String user) {
        String supported = Arrays.stream(values()).map(Metric::officialName).collect(Collectors.joining(", "));
        String found = NOT_YET.contains(name) ? "is not supported yet" : "is unknown";
        return new BadInputException(user + ": the metric '" + name + "' " + found + "; supported are " + supported + ".");
    }

    private static boolean accepts(List<String> accepted, String prediction) {
        String lower = prediction.toLowerCase(Locale.ROOT);
        return accepted.stream().anyMatch(answer -> answer.toLowerCase(Locale.ROOT).equals(lower));
    }

    private static List<String> first(List<List<String>> references) {
        return references.stream().map(answers -> answers.get(0)).toList();
    }

    private static double f1(String label, List<String> predictions, List<String> gold) {
        Confusion c = Confusion.of(label, predictions, gold);
        return 2 * c.tp / (2 * c.tp + c.fp + c.fn);
    }

    private static double mean(DoubleStream values) {
        return values.average().orElseThrow();
    }

    /** How often a label was predicted and meant; doubles, as products of counts overflow an int. */
    private record Confusion(double tp, double fp, double fn, double tn) {

        static Confusion of(String label, List<String> predictions, List<String> gold) {
            double[] counts = new double[4];
            for (int i = 0; i < gold.size(); i++) {
                boolean predicted = predictions.get(i).equals(label);
                boolean meant = gold.get(i).equals(label);
                counts[predicted ? (meant ? 0 : 1) : (meant ? 2 : 3)]++;
            }
            return new Confusion(counts[0], counts[1], counts[2], counts[3]);
        }
    }
}
