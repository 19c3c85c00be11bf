package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.experiment.RunResult.PRIMED;
import static org.primer4j.experiment.RunResult.UNPRIMED;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {

    private static Summary summary(RunResult... runs) {
        return Summary.of(SampleResults.results(List.of(runs)));
    }

    @Test
    void averagesSamplesBeforeTasks() {
        Summary summary = summary(
                SampleResults.run("a", "lora", UNPRIMED, 1, 0.4), SampleResults.run("a", "lora", UNPRIMED, 2, 0.6),
                SampleResults.run("a", "lora", PRIMED, 1, 0.5), SampleResults.run("a", "lora", PRIMED, 2, 0.7),
                SampleResults.run("b", "lora", UNPRIMED, 1, 0.8), SampleResults.run("b", "lora", PRIMED, 1, 0.6));
        VariantSummary lora = summary.variants().get(0);
        assertEquals((20 - 25) / 2.0, lora.gain().strict(), 1e-9);
        assertEquals(0.65, lora.unprimed(), 1e-12);
        assertEquals(0.60, lora.primed(), 1e-12);
        assertEquals(1, lora.wins());
        assertEquals(1, lora.losses());
        assertEquals(List.of(0.4, 0.6), lora.rows().get(0).unprimedScores());
    }

    @Test
    void choosesTheBestUnprimedAlternativeByDevAndNotByTest() {
        Summary summary = summary(
                SampleResults.run("a", "lora", UNPRIMED, 1, 0.5, 0.9), SampleResults.run("a", "lora", PRIMED, 1, 0.5, 0.66),
                SampleResults.run("a", "bitfit", UNPRIMED, 1, 0.7, 0.6));
        TaskRow row = summary.variants().get(0).rows().get(0);
        assertEquals(new Variant("bitfit", "matching"), row.bestUnprimedOf());
        assertEquals(0.6, row.bestUnprimed());
        assertEquals(10, row.gainOverBest(), 1e-9);
        assertEquals(10, summary.variants().get(0).gainOverBest().strict(), 1e-9);
    }

    @Test
    void leavesOutTasksWhoseStartsRanOnDifferentSamples() {
        Summary summary = summary(
                SampleResults.run("a", "lora", UNPRIMED, 1, 0.4), SampleResults.run("a", "lora", UNPRIMED, 2, 0.9),
                SampleResults.run("a", "lora", PRIMED, 1, 0.5),
                SampleResults.run("b", "lora", UNPRIMED, 1, 0.5), SampleResults.run("b", "lora", PRIMED, 1, 0.6));
        VariantSummary lora = summary.variants().get(0);
        assertEquals(1, lora.tasks());
        assertEquals(1, lora.incomplete());
        assertFalse(lora.rows().get(0).complete());
        assertEquals(20, lora.gain().strict(), 1e-9);
    }

    @Test
    void onlyPrimedRunsHaveNoGain() {
        VariantSummary lora = summary(SampleResults.run("a", "lora", PRIMED, 1, 0.5)).variants().get(0);
        assertEquals(0, lora.tasks());
        assertTrue(Double.isNaN(lora.gain().strict()));
        assertNull(lora.rows().get(0).bestUnprimedOf());
    }

    @Test
    void doesNotDependOnTheOrderOfSamples() {
        RunResult first = SampleResults.run("a", "lora", UNPRIMED, 1, 0.4);
        RunResult second = SampleResults.run("a", "lora", UNPRIMED, 2, 0.6);
        RunResult third = SampleResults.run("a", "lora", PRIMED, 1, 0.5);
        RunResult fourth = SampleResults.run("a", "lora", PRIMED, 2, 0.7);
        assertEquals(summary(first, second, third, fourth), summary(second, fourth, third, first));
    }
}
