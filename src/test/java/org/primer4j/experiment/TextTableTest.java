package org.primer4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.experiment.RunResult.PRIMED;
import static org.primer4j.experiment.RunResult.UNPRIMED;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void showsScoresGainAndTheAlternative() {
        String table = TextTable.render(Summary.of(SampleResults.results(List.of(
                SampleResults.run("topic", "lora", UNPRIMED, 1, 0.5), SampleResults.run("topic", "lora", PRIMED, 1, 0.6),
                SampleResults.run("topic", "houlsby", UNPRIMED, 1, 0.55)))), false);
        assertEquals("""
                task                          method            unprimed  primed       gain  best unprimed
                topic                         lora matching        0.500   0.600    +20.0 %  0.550 houlsby matching
                topic                         houlsby matching     0.550       - not paired  0.550 houlsby matching

                mean over 1 task              lora matching        0.500   0.600             0.550
                  ARG                         +20.0 %   95 % interval undefined
                  ARG over best unprimed       +9.1 %   95 % interval undefined
                  1 task better, 0 worse

                mean over 0 tasks             houlsby matching         -       -             -
                  1 task left out: not run on the same samples from both starts
                """, table);
    }

    @Test
    void givesTheMeanOfASingleStart() {
        String table = TextTable.render(Summary.of(SampleResults.results(List.of(
                SampleResults.run("a", "lora", UNPRIMED, 1, 0.25), SampleResults.run("b", "lora", UNPRIMED, 1, 0.5)))), false);
        assertTrue(table.contains("mean over 2 tasks             lora matching        0.375       -\n"), table);
        assertFalse(table.contains("left out"), table);
    }

    @Test
    void saysHowManyTasksAreSkipped() {
        String table = TextTable.render(Summary.of(SampleResults.results(List.of(
                SampleResults.run("a", "lora", UNPRIMED, 1, 0), SampleResults.run("a", "lora", PRIMED, 1, 0.6)))), false);
        assertTrue(table.contains("1 task skipped in the ARG: a baseline of 0"), table);
    }

    @Test
    void aLongMethodsNameIsNotCut() {
        String method = "prefix+parallel+lora-on-all";
        String table = TextTable.render(Summary.of(SampleResults.results(List.of(
                SampleResults.run("tweet_eval-stance_hillary_and_more", method, UNPRIMED, 1, 0.5),
                SampleResults.run("b", "lora", PRIMED, 1, 0.6)))), false);
        assertTrue(table.contains("0.500 " + method + " matching\n") && !table.contains("..."), table);
        assertTrue(table.contains("\ntweet_eval-stance_hillary_and_more " + method + " matching"), table);
    }

    @Test
    void staysWithinItsWidthForExtremeGains() {
        List<RunResult> runs = new ArrayList<>();
        for (int task = 0; task < 200; task++) {
            runs.add(SampleResults.run("t" + task, "m".repeat(99), UNPRIMED, 1, task % 2 == 0 ? 0 : 1e-6 * task));
            runs.add(SampleResults.run("t" + task, "m".repeat(99), PRIMED, task % 3 == 0 ? 2 : 1, 1));
        }
        String table = TextTable.render(Summary.of(SampleResults.results(runs)), false);
        assertTrue(table.lines().allMatch(line -> line.length() <= TextTable.MOST_COLUMNS), table);
    }

    @Test
    void coloursOnlyWhenAsked() {
        Summary summary = Summary.of(SampleResults.of(3, 2));
        String coloured = TextTable.render(summary, true);
        assertTrue(coloured.contains("\u001b[32m"), coloured);
        assertEquals(TextTable.render(summary, false), coloured.replaceAll("\u001b\\[\\d+m", ""));
    }

    @Property(tries = 100)
    void staysWithinItsWidthOnOneLineForAnyName(@ForAll String name) {
        String task = "x" + name;
        String table = TextTable.render(Summary.of(SampleResults.results(List.of(
                SampleResults.run(task, task, UNPRIMED, 1, 0.5), SampleResults.run(task, task, PRIMED, 1, 0.6)))), false);
        assertEquals(8, table.split("\n", -1).length, table);
        assertTrue(table.lines().allMatch(line -> line.codePointCount(0, line.length()) <= TextTable.MOST_COLUMNS), table);
        assertFalse(table.matches("(?s).*[\\p{Cntrl}&&[^\n]].*"), table);
    }
}
