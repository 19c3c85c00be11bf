package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.report.browser.Browser;

class StudyReportBrowserTest {

    @TempDir
    private static Path folder;
    private static URI page;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Browser.program().isPresent(), "no Chromium on this machine's search path");
        page = folder.resolve("report.html").toUri();
        StudySample.small().write(Path.of(page));
        browser = Browser.start(folder);
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        browser.resize(1100, 900);
        browser.colourScheme("light");
        browser.open(page);
    }

    private static List<String> texts(String selector) throws Exception {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : browser.evaluate("Array.from(document.querySelectorAll(`" + selector + "`), e => e.textContent)")) {
            texts.add(text.asText());
        }
        return texts;
    }

    private static List<Double> column(int column) throws Exception {
        List<Double> values = new ArrayList<>();
        for (JsonNode value : browser.evaluate("Array.from(document.querySelectorAll('#matrix tbody tr'), r => Number(r.cells[" + column
                + "].dataset.value))")) {
            values.add(value.asDouble());
        }
        return values;
    }

    @Test
    void asksForNothingElseAndHasNoComplaints() {
        assertEquals(List.of(page.toString().replace("file:/", "file:///").replace("file://///", "file:///")), browser.requests());
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void otherPagesWouldBeNoticed() throws Exception {
        Path other = folder.resolve("other.html");
        Files.writeString(other, "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><script>1</script><img src='x.png'>");
        browser.open(other.toUri());
        assertTrue(browser.complaints().toString().contains("Content Security Policy"), browser.complaints().toString());
        Files.writeString(other, "<img src='x.png'><script>missing()</script>");
        browser.open(other.toUri());
        assertTrue(browser.complaints().toString().contains("missing is not defined"), browser.complaints().toString());
        assertTrue(browser.requests().stream().anyMatch(request -> request.endsWith("x.png")), browser.requests().toString());
    }

    @Test
    void sortsByMouseBothWays() throws Exception {
        List<Double> sorted = new ArrayList<>(column(1));
        Collections.sort(sorted);
        browser.click("#matrix th:nth-child(2) button");
        assertEquals(sorted, column(1));
        assertEquals("ascending", browser.evaluate("document.querySelector('#matrix th:nth-child(2)').ariaSort").asText());
        browser.click("#matrix th:nth-child(2) button");
        Collections.reverse(sorted);
        assertEquals(sorted, column(1));
        assertEquals("descending", browser.evaluate("document.querySelector('#matrix th:nth-child(2)').ariaSort").asText());
    }

    @Test
    void sortsByKeyboard() throws Exception {
        browser.evaluate("document.querySelector('#matrix .scroll').focus()");
        browser.press("Tab");
        assertEquals("recipe", browser.evaluate("document.activeElement.textContent").asText());
        browser.press("Tab");
        browser.press("Enter");
        List<Double> sorted = new ArrayList<>(column(1));
        Collections.sort(sorted);
        assertEquals(sorted, column(1));
        assertEquals("ascending", browser.evaluate("document.activeElement.closest('th').ariaSort").asText());
        assertNotEquals("none", browser.evaluate("getComputedStyle(document.activeElement).outlineStyle").asText());
    }

    @Test
    void showsThePanelThatIsChosen() throws Exception {
        assertEquals(1, texts("[data-panel]:not([hidden])").size());
        browser.evaluate("(() => { const lists = document.querySelectorAll('#panels select'); lists[0].value = 1; lists[1].value = 1;"
                + " lists[1].dispatchEvent(new Event('change', {bubbles: true})); })()");
        assertEquals(List.of("mtl-peft against direct, houlsby"), texts("[data-panel]:not([hidden]) h3"));
        browser.click("#matrix tbody tr:nth-child(3) td:nth-child(2) a");
        assertEquals(List.of("mtl-both against direct, lora"), texts("[data-panel]:not([hidden]) h3"));
        assertEquals("2", browser.evaluate("document.querySelector('#panels select').value").asText());
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void fitsAPhone() throws Exception {
        browser.resize(360, 740);
        browser.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)");
        assertTrue(browser.evaluate("document.documentElement.scrollWidth").asInt() <= 360,
                browser.evaluate("Array.from(document.querySelectorAll('body *')).filter(e => e.getBoundingClientRect().right > 361 && !e.closest('.scroll'))"
                        + ".slice(0, 5).map(e => e.outerHTML.slice(0, 200)).join('\\n')").asText());
        assertTrue(browser.evaluate("document.querySelector('#matrix .scroll').scrollWidth > 360").asBoolean(), "the wide table scrolls in its box");
    }

    @Test
    void textStandsOutInLightAndDark() throws Exception {
        for (String scheme : List.of("light", "dark")) {
            browser.colourScheme(scheme);
            JsonNode contrast = browser.evaluate(CONTRAST);
            assertTrue(contrast.path("ratio").asDouble() >= 4.5, scheme + ": " + contrast);
            assertEquals(scheme.equals("dark"), browser.evaluate("getComputedStyle(document.body).backgroundColor").asText().startsWith("rgb(20,"));
        }
    }

    /** The smallest contrast ratio (WCAG 2.1) between an element's own text and what it stands on. */
    private static final String CONTRAST = """
            (() => {
              const part = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
              const rgb = text => text.match(/[0-9.]+/g).map(Number);
              const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
              const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
              let least = {ratio: 99};
              for (const e of document.querySelectorAll('main *:not(option):not(svg *)')) {
                if (!Array.from(e.childNodes).some(n => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length) continue;
                const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
                const ratio = (a + 0.05) / (b + 0.05);
                if (ratio < least.ratio) least = {ratio, text: e.textContent.slice(0, 60), of: e.className || e.tagName, in: e.parentElement.className};
              }
              return least;
            })()""";

    @Test
    void figuresHaveNamesAndDescriptions() throws Exception {
        assertEquals(0, browser.evaluate("Array.from(document.querySelectorAll('svg[role=img]')).filter(svg => !svg.querySelector('title')).length").asInt());
        assertTrue(browser.evaluate("Array.from(document.querySelectorAll('svg.lines')).every(svg => svg.querySelector('desc').textContent)").asBoolean());
    }

    @Test
    void looksTheSameWithoutScriptButForTheChoice() throws Exception {
        String source = Files.readString(Path.of(page)).replaceFirst("(?s)<script>.*</script>", "");
        Path plain = folder.resolve("plain.html");
        Files.writeString(plain, source);
        browser.open(plain.toUri());
        assertEquals(texts("[data-panel] h3").size(), texts("[data-panel]:not([hidden]) h3").size());
    }
}
