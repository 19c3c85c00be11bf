package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.experiment.RunResult.PRIMED;
import static org.primer4j.experiment.RunResult.UNPRIMED;
import static org.primer4j.experiment.SampleResults.run;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.SampleResults;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {

    private static final List<String> HOSTILE = List.of("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
            "' onmouseover='alert(1)", "&lt;b&gt;", "]]></script>", "\u0000\u001b[2J\uffff", "\ud800", "\u202eevil",
            "</title></style></svg>", "<!--", "javascript:alert(1)", "${x}", "日本語 🎈");

    private static Document parse(String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static List<Element> elements(Document page, String tag) {
        NodeList nodes = page.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    @Test
    void isWellFormedAndShowsEveryTaskAndRun() throws Exception {
        Document page = parse(HtmlReport.render(SampleResults.of(10, 3)));
        List<Element> bodies = elements(page, "tbody");
        assertEquals(20, bodies.get(0).getElementsByTagName("tr").getLength());
        assertEquals(120, bodies.get(1).getElementsByTagName("tr").getLength());
        assertEquals(5, elements(page, "polyline").stream().filter(line -> line.hasAttribute("vector-effect"))
                .filter(line -> line.getAttribute("class").matches("priming|primed")).count());
        assertTrue(elements(page, "button").stream().allMatch(button -> button.getParentNode().getNodeName().equals("th")));
    }

    @Test
    void needsNothingFromElsewhere() {
        String page = HtmlReport.render(SampleResults.of(3, 2));
        assertFalse(page.contains("http://") || page.contains("https://") || page.contains("url(")
                || page.contains("@import"), page);
        assertFalse(Pattern.compile("\\s(src|href|srcset|action|on\\w+)=").matcher(page).find(), page);
    }

    @Test
    void hostileNamesStayText() throws Exception {
        int elements = elements(parse(HtmlReport.render(SampleResults.results(both("a")))), "*").size();
        for (String name : HOSTILE) {
            Document page = parse(HtmlReport.render(SampleResults.results(both("t" + name))));
            assertEquals(elements, elements(page, "*").size(), name);
            assertEquals(1, elements(page, "script").size(), name);
        }
    }

    @Property(tries = 50)
    void anyNameGivesAWellFormedPage(@ForAll String name) throws Exception {
        parse(HtmlReport.render(SampleResults.results(both("t" + name))));
    }

    private static List<RunResult> both(String task) {
        return List.of(run(task, task, UNPRIMED, 1, 0.5), run(task, task, PRIMED, 1, 0.6));
    }

    @Test
    void worksForOneRunNoRunAndThousands() throws Exception {
        for (Results results : List.of(SampleResults.results(List.of()),
                SampleResults.results(List.of(run("a", "lora", PRIMED, 1, 0.5))),
                SampleResults.results(List.of(run("a", "lora", UNPRIMED, 1, 0))), SampleResults.of(100, 5))) {
            String page = HtmlReport.render(results);
            parse(page);
            assertFalse(page.matches("(?s).*(cx|x1|y1|points)=\"[^\"]*(NaN|Infinity).*"), page);
            assertTrue(page.length() < 3_000_000, "characters: " + page.length());
        }
    }

    @Test
    void aSingleStartHasMeansAndNothingToCompare() throws Exception {
        Results results = SampleResults.results(List.of(run("a", "lora", UNPRIMED, 1, 0.5), run("b", "lora", UNPRIMED, 1, 0.7)));
        String text = parse(HtmlReport.render(results)).getDocumentElement().getTextContent();
        assertTrue(text.contains("Mean score, lora matching0.6002 tasks, unprimed"), text);
        for (String compared : List.of("ARG", "not paired", "left out", "relative gain")) {
            assertFalse(text.contains(compared), compared);
        }
    }

    @Test
    void worksWithoutPrimingAndCurves() throws Exception {
        RunResult bare = new RunResult("a", "classification", "ACC", "lora", "joint", PRIMED, 1, 0.5, 0.5, 0.5, 3, 2, Map.of(),
                List.of(), 0);
        Document page = parse(HtmlReport.render(new Results(Results.SCHEMA_VERSION, "c", "v", "", 1, "cpu", 1, "m", Map.of(), null,
                List.of(bare), 0)));
        assertTrue(page.getDocumentElement().getTextContent().contains("Not recorded."));
        assertTrue(page.getDocumentElement().getTextContent().contains("2 cells of the grids"));
        assertFalse(page.getDocumentElement().getTextContent().contains("train task"));
    }

    @Test
    void showsAbsoluteScoresAndTheAlternativeBesideTheGain() throws Exception {
        String text = parse(HtmlReport.render(SampleResults.results(both("a")))).getDocumentElement().getTextContent();
        for (String shown : List.of("+20.0 %", "0.500", "0.600", "flatters a weak baseline", "best unprimed")) {
            assertTrue(text.contains(shown), shown);
        }
    }

    @Test
    void onlyItsOwnScriptMayRun() throws Exception {
        String page = HtmlReport.render(SampleResults.of(1, 1));
        Matcher script = Pattern.compile("(?s)<script>(.*)</script>").matcher(page);
        assertTrue(script.find());
        byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(script.group(1).getBytes("UTF-8"));
        String policy = "'sha256-" + java.util.Base64.getEncoder().encodeToString(hash) + "'";
        assertTrue(elements(parse(page), "meta").stream().anyMatch(meta -> meta.getAttribute("content").contains(policy)));
    }

    @Test
    void isTheSameForTheSameResults() {
        assertEquals(HtmlReport.render(SampleResults.of(4, 2)), HtmlReport.render(SampleResults.of(4, 2)));
    }

    @Test
    void refusesAFolderThatIsNotThere(@TempDir Path folder) throws Exception {
        HtmlReport.write(folder.resolve("report.html"), SampleResults.of(1, 1));
        assertTrue(Files.size(folder.resolve("report.html")) > 1000);
        assertThrows(BadInputException.class, () -> HtmlReport.write(folder.resolve("no/report.html"),
                SampleResults.of(1, 1)));
    }
}
