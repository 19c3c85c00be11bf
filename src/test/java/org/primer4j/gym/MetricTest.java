package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MetricTest {

    private static final Path GOLDEN = Path.of("../shared/golden/metrics/metrics.json");

    @Test
    void equalsTheGoldenValues() throws Exception {
        assumeTrue(Files.exists(GOLDEN));
        Map<Metric, Integer> checked = new EnumMap<>(Metric.class);
        for (JsonNode golden : new JsonMapper().readTree(GOLDEN.toFile()).get("cases")) {
            for (Metric metric : Metric.values()) {
                JsonNode expected = golden.get("expected").get(metric.officialName());
                if (expected != null) {
                    assertEquals(expected.asDouble(), metric.score(predictions(golden), references(golden)), 1e-12,
                            () -> metric + " of " + golden.get("name"));
                    checked.merge(metric, 1, Integer::sum);
                }
            }
        }
        assertEquals(3, checked.size(), checked::toString);
    }

    @Test
    void accuracyTakesAnyReferenceInAnyCase() {
        assertEquals(2.0 / 3, Metric.ACC.score(List.of("nyc", "Red", "blue"),
                List.of(List.of("New York", "NYC"), List.of("red"), List.of("green"))), 1e-15);
    }

    @Test
    void macroF1CountsLabelsOfBothSides() {
        // good: tp 1, fp 0, fn 1 -> 2/3; bad: 2/3; "" and terible, only predicted: 0.
        assertEquals((2.0 / 3 + 2.0 / 3) / 4, Metric.CLASSIFICATION_F1.score(List.of("good", "bad", "terible", ""),
                single(List.of("good", "bad", "bad", "good"))), 1e-15);
    }

    @Test
    void matthewsOfAWorkedExample() {
        // tp 2, fp 1, fn 1, tn 2: (4 - 1) / 9.
        assertEquals(1.0 / 3, Metric.MATTHEWS.score(
                List.of("acceptable", " acceptable ", "acceptable", "unacceptable", "no", "unacceptable"),
                single(List.of("acceptable", "acceptable", "unacceptable", "acceptable", "unacceptable", "unacceptable"))), 1e-15);
    }

    @Test
    void refusesUnequalOrNoRows() {
        for (Metric metric : Metric.values()) {
            assertThrows(IllegalArgumentException.class, () -> metric.score(List.of(), List.of()));
            assertThrows(IllegalArgumentException.class, () -> metric.score(List.of("a"), single(List.of("a", "b"))));
        }
    }

    @Property(tries = 200)
    void rightIsOneAndRowOrderDoesNotMatter(@ForAll @Size(min = 1, max = 30) List<Label> gold, @ForAll Label other) {
        List<String> texts = new ArrayList<>(gold.stream().map(Label::name).toList());
        assertEquals(1, Metric.ACC.score(texts, single(texts)));
        assertEquals(1, Metric.CLASSIFICATION_F1.score(texts, single(texts)));
        List<String> constant = texts.stream().map(t -> other.name()).toList();
        List<String> reversed = IntStream.range(0, texts.size()).mapToObj(i -> texts.get(texts.size() - 1 - i)).toList();
        for (Metric metric : Metric.values()) {
            double score = metric.score(constant, single(texts));
            assertTrue(score >= -1 && score <= 1, () -> metric + " gave " + score);
            assertEquals(score, metric.score(constant, single(reversed)), 1e-12);
        }
    }

    @Property(tries = 200)
    void matthewsChangesSignWithThePrediction(@ForAll @Size(min = 2, max = 30) List<Boolean> gold) {
        List<String> texts = gold.stream().map(g -> g ? "acceptable" : "unacceptable").toList();
        List<String> opposite = gold.stream().map(g -> g ? "unacceptable" : "acceptable").toList();
        boolean constant = gold.stream().distinct().count() == 1;
        assertEquals(constant ? 0 : 1, Metric.MATTHEWS.score(texts, single(texts)), 1e-12);
        assertEquals(constant ? 0 : -1, Metric.MATTHEWS.score(opposite, single(texts)), 1e-12);
    }

    enum Label { acceptable, unacceptable, other }

    private static List<List<String>> single(List<String> texts) {
        return texts.stream().map(List::of).toList();
    }

    private static List<String> predictions(JsonNode golden) {
        return strings(golden.get("predictions"));
    }

    private static List<List<String>> references(JsonNode golden) {
        List<List<String>> references = new ArrayList<>();
        golden.get("references").forEach(answers -> references.add(strings(answers)));
        return references;
    }

    private static List<String> strings(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.textValue()));
        return texts;
    }
}
