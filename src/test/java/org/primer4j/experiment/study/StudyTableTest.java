package org.primer4j.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class StudyTableTest {

    private static final List<String> TASKS = List.of("a", "b");

    private static StudySummary small(String recipe, String method, StudyRun... more) {
        List<StudyRun> runs = new ArrayList<>(List.of(more));
        runs.addAll(SampleStudy.runs(StudyRun.DIRECT, method, TASKS, new double[][] {{0.4, 0.6}, {0.2, 0.2}}));
        return StudySummary.of(StudyResults.of(SampleStudy.manifest(List.of(recipe), List.of(method), TASKS, SampleStudy.SAMPLES),
            List.of(SampleStudy.priming(recipe, null)), runs));
    }

    @Test
    void showsTheMatrixWithWhatIsMissing() {
        String table = StudyTable.text(small("mtl", "lora", SampleStudy.run("mtl", "lora", "a", 13, 0.5), SampleStudy.run("mtl", "lora", "a", 21, 0.7)));
        assertTrue(table.startsWith("""
            sample: 6 of 8 runs
            Highest ARG: no recipe has all tasks yet
            Highest mean score: no recipe has all tasks yet

            ARG
            recipe              lora
            mtl     +20.0 % (1 of 2)
            """), table);
        assertTrue(table.contains("""
            Mean test score
            recipe            lora
            direct           0.350
            mtl     0.600 (1 of 2)
            """), table);
    }

    @Test
    void allRowsOfAGridAreAligned() {
        String[] lines = StudyTable.text(StudySummary.of(SampleStudy.plausible())).split("\n");
        int title = Arrays.asList(lines).indexOf("Gain over direct tuning");
        int width = lines[title + 1].length();
        for (int row = 2; row < 2 + 24; row++) {
            assertEquals(width, lines[title + row].length(), lines[title + row]);
        }
    }

    @Test
    void saysWhichTaskTheArgDependsOnAndWhatNoPValueCanBe() {
        String table = StudyTable.text(StudySummary.of(SampleStudy.plausible()));
        String headline = table.lines().filter(line -> line.startsWith("Highest ARG: ")).findFirst().orElseThrow();
        assertTrue(headline.matches(".* %; \\+[0-9.]+ % without (classify|choose)_[0-9]+\\), mean score .*"), headline);
        assertTrue(table.contains("Over 12 tasks no p can be below 0.00049, nor below 0.018 after the correction over 36 pairs.\n"), table);
        assertFalse(table.contains("negative baseline"), table);
    }

    @Test
    void aNegativeBaselineIsSaid() {
        List<StudyRun> runs = new ArrayList<>(SampleStudy.runs(StudyRun.DIRECT, "lora", TASKS, new double[][] {{-0.1, -0.1}, {0.2, 0.2}}));
        runs.addAll(SampleStudy.runs("mtl", "lora", TASKS, new double[][] {{0.1, 0.1}, {0.2, 0.2}}));
        String table = StudyTable.text(StudySummary.of(StudyResults.of(SampleStudy.manifest(List.of("mtl"), List.of("lora"), TASKS,
            SampleStudy.SAMPLES), List.of(), runs)));
        assertTrue(table.contains("mtl     -100.0 %\n"), table);
        assertTrue(table.contains("A negative baseline turns the sign of the gain round: a with lora (-0.100).\n"), table);
    }

    @Test
    void aLongNameIsNotCut() {
        String method = "houlsby+prefix+parallel+lora_on_all_projections";
        assertTrue(StudyTable.text(small("mtl", method)).contains(method));
        assertTrue(StudyTable.markdown(small("mtl", method)).contains(method.replace("_", "\\_")));
    }

    @Property(tries = 20)
    void hostileNamesStayInTheirCells(@ForAll String name) {
        StudySummary summary = small("x" + name, "y" + name);
        String text = StudyTable.text(summary);
        assertFalse(text.matches("(?s).*[\\p{Cntrl}&&[^\n]].*"), text);
        String markdown = StudyTable.markdown(summary);
        assertEquals(markdown.lines().count(), StudyTable.markdown(small("x", "y")).lines().count(), markdown);
        String header = markdown.lines().filter(line -> line.startsWith("| recipe")).findFirst().orElseThrow();
        assertEquals(3, header.replaceAll("\\\\.", "").chars().filter(letter -> letter == '|').count(), header);
    }

    @Test
    void markdownHasATableForEveryGrid() {
        String markdown = StudyTable.markdown(StudySummary.of(SampleStudy.plausible()));
        assertEquals(8, markdown.lines().filter(line -> line.startsWith("### ")).count());
        assertEquals(8, markdown.lines().filter(line -> line.matches("[|:-]+")).count());
    }
}
