package org.primer4j.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Beam search against a slow reference on random models, and its rules one by one. */
class BeamSearchTest {

    private static final int EOS = 1;

    /** Random logits that depend on the source and the whole sequence; coarse ones make ties. */
    private static SequenceStep.Model random(long seed, int vocabulary, boolean coarse) {
        return (source, sequence) -> {
            Random random = new Random(seed * 31 + source * 7919L + Arrays.hashCode(sequence));
            random.nextInt();
            return random.doubles(vocabulary).map(x -> coarse ? Math.floor(3 * x) : 4 * x).toArray();
        };
    }

    private static GenerationSettings draw(Random random, int beams) {
        int most = 2 + random.nextInt(8);
        int least = random.nextInt(most + 1);
        EarlyStopping stopping = EarlyStopping.values()[random.nextInt(3)];
        double[] penalties = {-1, 0, 0.5, 1, 2};
        return new GenerationSettings(beams, most, least, penalties[random.nextInt(penalties.length)], stopping, random.nextInt(4),
            random.nextInt(3) == 0 ? 3 : -1, random.nextBoolean() ? EOS : -1, EOS, 0, 2);
    }

    @Property(tries = 400)
    void equalsTheSlowReference(@ForAll long seed, @ForAll @IntRange(min = 2, max = 5) int beams, @ForAll boolean coarse) {
        Random random = new Random(seed);
        int vocabulary = 2 * beams + 12 + random.nextInt(5);
        int sources = 1 + random.nextInt(3);
        GenerationSettings settings = draw(random, beams);
        SequenceStep.Model model = random(seed, vocabulary, coarse);
        List<List<Hypothesis>> expected = new DenseBeamSearch(settings, model, sources, vocabulary).run();
        List<List<Hypothesis>> found = new BeamSearch(settings, new SequenceStep(model), sources, vocabulary).run(sources);
        assertEquals(expected, found, "seed " + seed + ", " + settings);
    }

    @Property(tries = 100)
    void greedyTakesTheBestToken(@ForAll long seed) {
        Random random = new Random(seed);
        GenerationSettings settings = draw(random, 1);
        SequenceStep.Model model = random(seed, 15, false);
        Hypothesis found = new BeamSearch(settings, new SequenceStep(model), 1, 15).run(1).get(0).get(0);
        int[] tokens = found.tokens();
        double sum = 0;
        for (int length = 1; length < tokens.length; length++) {
            int[] prefix = Arrays.copyOf(tokens, length);
            if (settings.forced(length) >= 0) {
                assertEquals(settings.forced(length), tokens[length], "seed " + seed);
                continue;
            }
            double[] logProbs = SequenceStep.logProbs(model.logits(0, prefix), banned(settings, prefix, 15), true);
            assertEquals(Arrays.stream(logProbs).max().orElseThrow(), logProbs[tokens[length]], "seed " + seed);
            sum += logProbs[tokens[length]];
        }
        assertEquals(sum, found.score(), 1e-6, "seed " + seed);
        assertTrue(tokens[tokens.length - 1] == EOS || tokens.length == settings.maxLength(), "seed " + seed);
    }

    private static boolean[] banned(GenerationSettings s, int[] prefix, int vocabulary) {
        boolean[] banned = new boolean[vocabulary];
        StepRows rows = new StepRows(1, true);
        rows.begin(0, 1);
        rows.add(0, -1, 0);
        RepeatedNgrams.ban(prefix, prefix.length, s.noRepeatNgram(), rows);
        for (int i = 0; i < rows.banOffset(1); i++) {
            banned[rows.ban(i)] = true;
        }
        banned[s.eos()] |= prefix.length < s.minLength();
        return banned;
    }

    @Test
    void aFullBeamFindsTheBestOfAllSequences() {
        SequenceStep.Model model = random(5, 4, false);
        GenerationSettings settings = new GenerationSettings(GenerationSettings.MOST_BEAMS, 5, 0, 0, EarlyStopping.NEVER, 0, -1, -1, EOS, 0, 2);
        Hypothesis best = new BeamSearch(settings, new SequenceStep(model), 1, 4).run(1).get(0).get(0);
        assertEquals(bestOf(model, new int[] {2}, 0), best.score(), 1e-6);
    }

    private static double bestOf(SequenceStep.Model model, int[] prefix, double sum) {
        if (prefix.length == 5 || prefix.length > 1 && prefix[prefix.length - 1] == EOS) {
            return sum;
        }
        double[] logProbs = SequenceStep.logProbs(model.logits(0, prefix), new boolean[4], false);
        double best = Double.NEGATIVE_INFINITY;
        for (int v = 0; v < 4; v++) {
            int[] next = Arrays.copyOf(prefix, prefix.length + 1);
            next[prefix.length] = v;
            best = Math.max(best, bestOf(model, next, sum + logProbs[v]));
        }
        return best;
    }

    @Test
    void sourcesThatAreDoneLeaveTheRows() {
        // Source 0 ends at once, source 1 never does before its last place.
        SequenceStep.Model model = (source, sequence) -> {
            double[] logits = new double[8];
            logits[source == 0 ? EOS : 5] = 50;
            return logits;
        };
        SequenceStep step = new SequenceStep(model);
        GenerationSettings settings = new GenerationSettings(1, 6, 0, 1, EarlyStopping.FALSE, 0, -1, EOS, EOS, 0, 2);
        List<List<Hypothesis>> found = new BeamSearch(settings, step, 2, 8).run(2);
        assertArrayEquals(new int[] {2, EOS}, found.get(0).get(0).tokens());
        assertArrayEquals(new int[] {2, 5, 5, 5, 5, EOS}, found.get(1).get(0).tokens());
        // The forced end needs no step.
        assertEquals(List.of(2, 1, 1, 1), step.rowCounts);
    }

    @Test
    void equalScoresTakeTheLowerToken() {
        GenerationSettings settings = new GenerationSettings(2, 3, 0, 1, EarlyStopping.FALSE, 0, -1, -1, EOS, 0, 2);
        List<Hypothesis> found = new BeamSearch(settings, new SequenceStep((source, sequence) -> new double[6]), 1, 6).run(1).get(0);
        assertArrayEquals(new int[] {2, EOS}, found.get(0).tokens());
        assertArrayEquals(new int[] {2, 0, 0}, found.get(1).tokens());
    }

    @Test
    void notANumberIsRefused() {
        GenerationSettings settings = GenerationSettings.greedy(EOS, 0, 2);
        DecodingStep broken = (rows, top) -> Arrays.fill(top.logProbs(), Float.NaN);
        assertThrows(IllegalStateException.class, () -> new BeamSearch(settings, broken, 1, 6).run(1));
    }

    @Test
    void whereAllIsBannedItSaysSo() {
        GenerationSettings settings = new GenerationSettings(1, 9, 9, 1, EarlyStopping.FALSE, 1, -1, -1, EOS, 0, 2);
        BeamSearch search = new BeamSearch(settings, new SequenceStep((source, sequence) -> new double[4]), 1, 4);
        assertTrue(assertThrows(IllegalStateException.class, () -> search.run(1)).getMessage().contains("no_repeat_ngram_size"));
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        GenerationSettings good = GenerationSettings.greedy(EOS, 0, 2);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> good.withBeams(0)).getMessage().startsWith("found num_beams 0;"));
        assertEquals("found num_beams 33; expected 1 to 32", assertThrows(IllegalArgumentException.class, () -> good.withBeams(33)).getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> good.withLengths(0, 1)).getMessage().contains("max_length 1"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> good.withLengths(30, 20)).getMessage().contains("min_length 30"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> good.withChoices(Double.NaN, EarlyStopping.TRUE, 0)).getMessage()
            .contains("length_penalty"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> good.requireVocabulary(1)).getMessage().contains("eos_token_id"));
        assertThrows(IllegalArgumentException.class, () -> EarlyStopping.of("True"));
        assertEquals(EarlyStopping.NEVER, EarlyStopping.of("never"));
    }
}
