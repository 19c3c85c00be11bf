package org.primer4j.experiment.report.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.experiment.report.StudySample;
import org.primer4j.experiment.report.StudySnapshot;
import org.primer4j.experiment.report.browser.Browser;
import org.primer4j.experiment.study.StudyManifest;

class LiveReportBrowserTest {

    private static final StudyManifest MANIFEST = StudySample.manifest(List.of("mtl-plm", "mtl-peft"), List.of("lora", "houlsby"), List.of("a", "b", "c"),
            List.of(1, 2));
    private static final String SHOWN = "document.querySelector('[data-panel]:not([hidden]) h3')?.textContent";
    private static final String ORDER = "Array.from(document.querySelectorAll('#matrix tbody tr'), row => row.cells[0].firstChild.textContent).join()";

    @TempDir
    private Path folder;

    private static StudySnapshot snapshot(int runs) {
        StudySample sample = StudySample.of(MANIFEST, runs);
        return new StudySnapshot(sample.results(), sample.costs());
    }

    @Test
    void thePageFollowsTheStudyAndKeepsWhatWasChosen() throws Exception {
        assumeTrue(Browser.program().isPresent(), "no Chromium on this machine's search path");
        AtomicReference<StudySnapshot> study = new AtomicReference<>(snapshot(30));
        try (Browser browser = Browser.start(folder); ReportServer server = new ReportServer(0, study::get)) {
            browser.open(server.uri());
            assertTrue(browser.evaluate("document.querySelector('.progress p').textContent").asText().startsWith("Not finished: 30 of 36 tuning runs"));
            assertEquals("", browser.evaluate("document.querySelector('#connection').textContent").asText());
            choose(browser);
            study.set(snapshot(36));
            browser.await("document.querySelector('.progress') === null");
            assertEquals("mtl-peft against direct, houlsby", browser.evaluate(SHOWN).asText());
            assertEquals("mtl-plm,mtl-peft", browser.evaluate(ORDER).asText());
            assertEquals("descending", browser.evaluate("document.querySelector('#matrix th').ariaSort").asText());
            assertTrue(browser.evaluate("document.querySelector('#manifest').open").asBoolean());
            assertEquals(100, browser.evaluate("document.querySelector('#runs .scroll').scrollTop").asInt());
            assertEquals("all methods", browser.evaluate("document.activeElement.textContent").asText());
            assertEquals("Difference of mean scores by recipe and method", browser.evaluate("document.activeElement.closest('.scroll').ariaLabel").asText());
            assertEquals(List.of(), browser.complaints());
            browser.requests().forEach(request -> assertTrue(request.startsWith(server.uri().toString()), request));
            server.close();
            browser.await("document.querySelector('#connection').textContent.includes('does not answer')");
        }
    }

    private static void choose(Browser browser) throws Exception {
        browser.evaluate("(() => { const lists = document.querySelectorAll('#panels select'); lists[0].value = 1; lists[1].value = 1;"
                + " lists[1].dispatchEvent(new Event('change', {bubbles: true})); })()");
        browser.click("#matrix th button");
        assertEquals("mtl-peft,mtl-plm", browser.evaluate(ORDER).asText());
        browser.click("#matrix th button");
        browser.evaluate("document.querySelector('#manifest').open = true");
        browser.evaluate("document.querySelector('#runs').open = true");
        browser.evaluate("document.querySelector('#runs .scroll').scrollTop = 100");
        browser.evaluate("document.querySelector('#matrix + section th:last-child button').focus()");
    }
}
