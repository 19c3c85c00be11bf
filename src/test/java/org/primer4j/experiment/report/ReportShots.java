package org.primer4j.experiment.report;

import java.nio.file.Path;
import org.primer4j.experiment.report.browser.Browser;

/** Takes pictures of a page, to be looked at: arguments are the page, and a folder for light, dark and phone. */
public final class ReportShots {

    private ReportShots() {
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        try (Browser browser = Browser.start(folder)) {
            shot(browser, Path.of(arguments[0]), folder.resolve("light.png"), 1100, "light");
            shot(browser, Path.of(arguments[0]), folder.resolve("dark.png"), 1100, "dark");
            shot(browser, Path.of(arguments[0]), folder.resolve("phone.png"), 360, "light");
            shot(browser, Path.of(arguments[0]), folder.resolve("phone-dark.png"), 360, "dark");
        }
    }

    private static void shot(Browser browser, Path page, Path file, int width, String scheme) throws Exception {
        browser.resize(width, 800);
        browser.colourScheme(scheme);
        browser.open(page.toAbsolutePath().toUri());
        browser.screenshot(file, true);
    }
}
