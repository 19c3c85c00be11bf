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
                    Score score = metric.evaluate(predictions(golden), references(golden));
                    boolean undefined = expected.asText().equals("NaN");
                    assertEquals(undefined, score.undefined(), () -> metric + " of " + golden.get("name"));
                    assertEquals(undefined ? 0 : expected.doubleValue(), score.value(), 1e-12, () -> metric + " of " + golden.get("name"));
                    checked.merge(metric, 1, Integer::sum);
                }
            }
        }
        assertEquals(Metric.values().length, checked.size(), checked::toString);
    }

    @Test
    void normalFormDropsPunctuationArticlesAndSpaces() {
        assertEquals("quick brown fox", Answers.normalised("The  Quick, brown fox!"));
        assertEquals("theend", Answers.normalised("the-end"));
        assertEquals("\u201c \u201d end", Answers.normalised("\u201cThe\u201d end"));
        assertEquals("th\u00e9 \u00e1n x", Answers.normalised("th\u00e9\u00a0\u00c1n\u001fthe\u2003x"));
        assertEquals("\u0301b", Answers.normalised("a\u0301b a"));
    }

    @Test
    void exactMatchAndWordF1TakeTheBestAnswer() {
        List<List<String>> references = List.of(List.of("New York", "the big apple"), List.of("red"));
        assertEquals(0.5, Metric.EM.score(List.of("Big Apple!", "blue"), references), 1e-15);
        // "big apple pie" and "big apple": 2 common of 3 and 2 words.
        assertEquals((0.8 + 0) / 2, Metric.QA_F1.score(List.of("a big apple pie", "blue"), references), 1e-15);
    }

    @Test
    void rougeLKeepsTheOrder() {
        assertEquals(2.0 * 3 / 9, Metric.ROUGE_L.score(List.of("a b c d"), List.of(List.of("a x c y d"))), 1e-15);
        assertEquals(0, Metric.ROUGE_L.score(List.of("..."), List.of(List.of("..."))), 0);
    }

    @Test
    void aCorrelationThatDoesNotExistIsZeroAndSaysSo() {
        List<List<String>> gold = single(List.of("1", "2", "3"));
        for (List<String> predictions : List.of(List.of("2", "2", "2.0"), List.of("1", "great", "3"), List.of("1", "", "3"),
                List.of("1", "inf", "3"), List.of("1", "nan", "3"), List.of("0x1p3", "1", "2"), List.of("1d", "2", "3"))) {
            assertEquals(Score.UNDEFINED, Metric.PEARSON.evaluate(predictions, gold), predictions::toString);
        }
        assertEquals(Score.UNDEFINED, Metric.PEARSON.evaluate(List.of("1", "2"), single(List.of("4", "4"))));
        assertEquals(Score.UNDEFINED, Metric.PEARSON.evaluate(List.of("1"), single(List.of("4"))));
        assertEquals(1, Metric.PEARSON.evaluate(List.of("1_0", " 2e1 ", "+30."), gold).value(), 1e-12);
        assertEquals(-1, Metric.PEARSON.evaluate(List.of("1e300", "0", "-1e300"), gold).value(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> Metric.PEARSON.evaluate(List.of("1"), single(List.of("four"))));
    }

    @Test
    void aRowWithoutAnswersScoresZeroOrIsRefused() {
        assertEquals(0.5, Metric.EM.score(List.of("a", "b"), List.of(List.of(), List.of("b"))));
        assertThrows(IllegalArgumentException.class, () -> Metric.CLASSIFICATION_F1.score(List.of("a"), List.of(List.of())));
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
            if (metric == Metric.PEARSON) {
                continue;
            }
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
