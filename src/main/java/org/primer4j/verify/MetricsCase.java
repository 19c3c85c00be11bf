package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.primer4j.gym.Metric;

/** The scores of lists of predictions, to 1e-12; a metric that we do not have is a failed result. */
record MetricsCase(GoldenCase at) implements GoldenCase.Check {

    private static final double TOLERANCE = 1e-12;

    @Override
    public void run(Consumer<CaseResult> results) {
        Path file = at.root().resolve(fileName());
        for (JsonNode list : JsonFiles.field(file, JsonFiles.read(file), "cases")) {
            for (Map.Entry<String, JsonNode> expected : list.path("expected").properties()) {
                results.accept(result(list, expected.getKey(), expected.getValue()));
            }
        }
    }

    private String fileName() {
        return at.name() + ".json";
    }

    private CaseResult result(JsonNode list, String metricName, JsonNode expected) {
        String what = list.path("name").asText() + "/" + metricName;
        Optional<Metric> metric = Stream.of(Metric.values()).filter(m -> m.officialName().equals(metricName)).findFirst();
        if (metric.isEmpty()) {
            return CaseResult.failed(fileName(), at.name(), what, "the metric " + metricName + " is not supported yet.");
        }
        List<List<String>> references = stream(list.path("references")).map(answers -> stream(answers).map(JsonNode::asText).toList()).toList();
        double score = metric.get().score(stream(list.path("predictions")).map(JsonNode::asText).toList(), references);
        // Scores lie in [-1, 1]: the difference itself is limited. The file writes NaN and infinities as text.
        double difference = expected.isNumber() ? Math.abs(score - expected.doubleValue()) : Double.NaN;
        return CaseResult.compared(fileName(), at.name(), what, difference, TOLERANCE);
    }

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
