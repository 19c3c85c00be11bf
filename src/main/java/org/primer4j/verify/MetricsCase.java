package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.primer4j.experiment.Arg;
import org.primer4j.gym.Answers;
import org.primer4j.gym.Metric;
import org.primer4j.gym.Score;

/** Normal forms of texts, scores of lists of predictions and average relative gains: numbers to 1e-12, texts exactly. */
record MetricsCase(GoldenCase at) implements GoldenCase.Check {

    private static final double TOLERANCE = 1e-12;

    @Override
    public void run(Consumer<CaseResult> results) {
        Path file = at.root().resolve(fileName());
        JsonNode root = JsonFiles.read(file);
        JsonFiles.field(file, root, "normalise").forEach(text -> results.accept(normalised(text)));
        for (JsonNode list : JsonFiles.field(file, root, "cases")) {
            for (Map.Entry<String, JsonNode> expected : list.path("expected").properties()) {
                results.accept(score(list, expected.getKey(), expected.getValue()));
            }
        }
        JsonFiles.field(file, root, "arg").forEach(gains -> gain(gains, results));
    }

    private String fileName() {
        return at.name() + ".json";
    }

    private CaseResult normalised(JsonNode expected) {
        String what = "normalise/" + expected.path("text").asText();
        String found = Answers.normalised(expected.path("text").asText());
        return found.equals(expected.path("normalised").asText()) ? CaseResult.compared(fileName(), at.name(), what, 0, 0)
            : CaseResult.failed(fileName(), at.name(), what, "the normal form is '" + found + "'.");
    }

    private CaseResult score(JsonNode list, String metricName, JsonNode expected) {
        String what = list.path("name").asText() + "/" + metricName;
        Optional<Metric> metric = Stream.of(Metric.values()).filter(m -> m.officialName().equals(metricName)).findFirst();
        if (metric.isEmpty()) {
            return CaseResult.failed(fileName(), at.name(), what, "the metric " + metricName + " is unknown.");
        }
        List<List<String>> references = stream(list.path("references")).map(MetricsCase::texts).toList();
        Score score = metric.get().evaluate(texts(list.path("predictions")), references);
        return compared(what, score.undefined() ? Double.NaN : score.value(), expected);
    }

    private void gain(JsonNode expected, Consumer<CaseResult> results) {
        String what = "arg/" + expected.path("name").asText() + "/";
        double[] before = numbers(expected.path("before"));
        double[] after = numbers(expected.path("after"));
        double[] gains = Arg.relativeGains(before, after);
        Arg arg = Arg.of(before, after, 0);
        for (int i = 0; i < gains.length; i++) {
            results.accept(compared(what + "relative_gains_" + i, gains[i], expected.path("relative_gains").path(i)));
        }
        results.accept(compared(what + "arg_strict", arg.strict(), expected.path("arg_strict")));
        results.accept(compared(what + "arg_skip_undefined", arg.skippingUndefined(), expected.path("arg_skip_undefined")));
        results.accept(compared(what + "tasks_counted", arg.counted(), expected.path("tasks_counted")));
    }

    private CaseResult compared(String what, double found, JsonNode expected) {
        return CaseResult.compared(fileName(), at.name(), what, difference(found, number(expected)), TOLERANCE);
    }

    // Scores lie in [-1, 1]: there the difference itself is limited. NaN and infinities must be the same.
    private static double difference(double found, double expected) {
        if (!Double.isFinite(found) || !Double.isFinite(expected)) {
            return Double.compare(found, expected) == 0 ? 0 : Double.NaN;
        }
        return Math.abs(found - expected) / Math.max(1, Math.abs(expected));
    }

    // The file writes NaN and infinities as text.
    private static double number(JsonNode node) {
        return node.isNumber() ? node.doubleValue() : Double.parseDouble(node.textValue());
    }

    private static double[] numbers(JsonNode list) {
        return stream(list).mapToDouble(MetricsCase::number).toArray();
    }

    private static List<String> texts(JsonNode list) {
        return stream(list).map(JsonNode::asText).toList();
    }

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
