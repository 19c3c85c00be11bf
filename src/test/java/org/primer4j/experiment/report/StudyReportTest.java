package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.StudySummary;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class StudyReportTest {

    private static final StudySample SMALL = StudySample.small();
    private static final String PLAIN = StudySample.of(tiny("plain"), 8).page();
    private static final String PAGE = SMALL.page();

    private static Document parse(String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static Document parse(StudySample sample) throws Exception {
        return parse(sample.page());
    }

    private static String render(StudyResults results) {
        return StudyReport.render(results, StudySummary.of(results), StudyCosts.of(List.of()));
    }

    private static List<Element> elements(Document page, String tag) {
        NodeList nodes = page.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static Element table(Document page, String label) {
        return elements(page, "div").stream().filter(box -> box.getAttribute("aria-label").equals(label)).findFirst().orElseThrow();
    }

    private static int rows(Document page, String label) {
        return table(page, label).getElementsByTagName("tr").getLength() - 1;
    }

    private static StudyManifest tiny(String name) {
        return StudySample.manifest(List.of("r" + name), List.of("m" + name), List.of("t" + name, "u"), List.of(1, 2));
    }

    @Test
    void showsEveryRecipePanelAndRun() throws Exception {
        Document page = parse(PAGE);
        assertEquals(4, rows(page, "Average relative gain by recipe and method"));
        assertEquals(4, rows(page, "Difference of mean scores by recipe and method"));
        assertEquals(4, rows(page, "ARG with one task left out"));
        assertEquals(4, rows(page, "Steps to 90 % of the best dev score"));
        assertEquals(4, rows(page, "Average relative gain by recipe and type of task"));
        assertEquals(10, rows(page, "Mean over methods"));
        assertEquals(5, rows(page, "Cost by recipe"));
        assertEquals(SMALL.results().runs().size(), rows(page, "All runs"));
        assertEquals(8, elements(page, "div").stream().filter(panel -> panel.hasAttribute("data-panel")).count());
        assertEquals(0, elements(page, "progress").size());
    }

    @Test
    void everyLinkLeadsToAPanel() throws Exception {
        Document page = parse(PAGE);
        List<String> ids = elements(page, "div").stream().map(panel -> panel.getAttribute("id")).toList();
        List<String> links = elements(page, "a").stream().map(link -> link.getAttribute("href")).toList();
        assertEquals(16, links.size());
        links.forEach(link -> assertTrue(ids.contains(link.substring(1)), link));
    }

    @Test
    void needsNothingFromElsewhere() {
        assertFalse(PAGE.contains("http://") || PAGE.contains("https://") || PAGE.contains("url(") || PAGE.contains("@import"));
        assertFalse(Pattern.compile("\\s(src|srcset|action|style|on\\w+)=|href=\"[^#]").matcher(PAGE).find());
        assertTrue(PAGE.contains("default-src &#39;none&#39;;"));
        assertFalse(PAGE.contains("connect-src"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "]]></script>", "\u0000\u001b[2J\uffff",
        "\ud800", "\u202eevil", "</title></style></svg>", "<!--", "${x}", "%s %n", "日本語 🎈"})
    void hostileNamesStayText(String name) throws Exception {
        Document page = parse(StudySample.of(tiny(name), 8));
        assertEquals(elements(parse(PLAIN), "*").size(), elements(page, "*").size());
        assertEquals(1, elements(page, "script").size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 7, 8})
    void worksAtEveryStageOfAStudy(int runs) throws Exception {
        StudySample sample = StudySample.of(tiny("plain"), runs);
        String source = sample.page();
        Document page = parse(source);
        assertFalse(source.matches("(?s).*(cx|x1|y1|points)=\"[^\"]*(NaN|Infinity).*"));
        assertEquals(runs < 8 ? 1 : 0, elements(page, "progress").size());
        String text = page.getDocumentElement().getTextContent();
        assertEquals(runs < 8, text.contains("No recipe has all its tasks yet."), text);
        assertEquals(runs == 7, text.contains("1 of 2 tasks"), text);
    }

    @Test
    void worksWithoutRecipesAndCosts() throws Exception {
        StudyManifest manifest = StudySample.manifest(List.of(), List.of("lora"), List.of("a"), List.of(1));
        Document page = parse(render(StudyResults.of(manifest, List.of(), List.of())));
        assertEquals(0, rows(page, "All runs"));
    }

    @Test
    void aBaselineOfZeroIsSkippedAndSaid() throws Exception {
        StudyManifest manifest = tiny("plain");
        List<StudyRun> runs = StudySample.of(manifest, 8).results().runs().stream()
                .map(run -> run.recipe().equals(StudyRun.DIRECT) && run.task().equals("u") ? withScore(run, 0) : run).toList();
        String text = parse(render(StudyResults.of(manifest, List.of(), runs))).getDocumentElement().getTextContent();
        assertTrue(text.contains("1 baseline of 0 skipped"), text);
        assertTrue(text.contains("undefined"), text);
    }

    /** The sample's baseline of this task is near 0. */
    @Test
    void saysWhichTaskTheArgDependsOn() throws Exception {
        Document page = parse(PAGE);
        String lead = elements(page, "p").stream().filter(paragraph -> paragraph.getAttribute("class").equals("lead")).findFirst().orElseThrow().getTextContent();
        assertTrue(lead.contains("Without acceptable, the task with the most influence on it, it is "), lead);
        assertTrue(table(page, "ARG with one task left out").getTextContent().contains("acceptable"));
    }

    @Test
    void aNegativeBaselineAndScoresWithoutAValueAreSaid() throws Exception {
        StudyManifest manifest = tiny("plain");
        List<StudyRun> runs = StudySample.of(manifest, 8).results().runs().stream()
                .map(run -> run.recipe().equals(StudyRun.DIRECT) && run.task().equals("u") ? withScore(run, -0.25) : run).toList();
        String text = parse(render(StudyResults.of(manifest, List.of(), runs))).getDocumentElement().getTextContent();
        assertTrue(text.contains("The baseline of u with mplain is negative (-0.250), which turns the sign of its relative gain round."), text);
        assertFalse(text.contains("had no value"), text);
        long undefined = SMALL.results().runs().stream().mapToInt(StudyRun::undefined).sum();
        assertTrue(undefined > 0 && parse(PAGE).getDocumentElement().getTextContent().contains(undefined + " scores had no value"));
    }

    @Test
    void aPartOfAFindingThatWasNotTestedIsSaid() throws Exception {
        StudyManifest manifest = StudySample.manifest(List.of("mtl-plm", "mtl-peft"), List.of("lora"), List.of("a", "b"), List.of(1));
        String text = parse(StudySample.of(manifest, 6)).getDocumentElement().getTextContent();
        assertTrue(text.contains("plm minus bothnot tested"), text);
    }

    private static StudyRun withScore(StudyRun run, double score) {
        return new StudyRun(run.recipe(), run.method(), run.task(), run.type(), run.metric(), run.sample(), score, score, run.chance(), 0, 0,
                run.settings(), run.curve());
    }

    @Test
    void isTheSameForTheSameResults() {
        StudySample sample = StudySample.of(tiny("plain"), 7);
        assertEquals(sample.page(), sample.page());
    }

    @Test
    void refusesAFolderThatIsNotThere(@TempDir Path folder) throws Exception {
        StudySample sample = StudySample.of(tiny("plain"), 8);
        sample.write(folder.resolve("report.html"));
        assertTrue(Files.size(folder.resolve("report.html")) > 1000);
        assertThrows(BadInputException.class, () -> sample.write(folder.resolve("no/report.html")));
    }
}
