package org.primer4j.experiment.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.primer4j.BadInputException;
import org.primer4j.experiment.AtomicText;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.Summary;

/**
 * The results as one HTML page that needs nothing else: no network, no library. It is well-formed XML, shows the same
 * for the same results, and its content policy allows no script but its own.
 */
public final class HtmlReport {

    private HtmlReport() {
    }

    /**
     * Writes the page whole or not at all.
     *
     * @throws BadInputException if {@code file} cannot be written
     */
    public static void write(Path file, Results results) {
        AtomicText.write(file, render(results));
    }

    /** The page's source. */
    public static String render(Results results) {
        // In a CDATA section, so that the page is XML whatever the script holds.
        String script = "//<![CDATA[\n" + resource("sort.js") + "//]]>";
        Markup page = new Markup().trusted("<!DOCTYPE html>\n").open("html", "lang", "en");
        head(page, results, script);
        page.open("body");
        new Sections(page, results, Summary.of(results)).draw();
        page.open("script").trusted(script).close();
        return page.close().close() + "\n";
    }

    private static void head(Markup page, Results results, String script) {
        String policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-%s'"
                .formatted(digest(script));
        page.open("head").empty("meta", "charset", "utf-8")
                .empty("meta", "http-equiv", "Content-Security-Policy", "content", policy)
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .element("title", "Primer4J: " + results.model())
                .open("style").trusted("\n" + resource("report.css")).close().close();
    }

    private static String digest(String script) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static String resource(String name) {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
