package org.primer4j.experiment.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What every page is set in: head, style, and one script. The page is well-formed XML, needs no network, and its content
 * policy allows no script but its own.
 */
final class PageFrame {

    /** What a page that is a file may fetch: nothing. */
    static final String SEALED = "default-src 'none'";
    /** What a page that follows a running experiment may fetch: its own server's answers. */
    static final String SERVED = "default-src 'none'; connect-src 'self'";

    private PageFrame() {
    }

    /**
     * The page's source.
     *
     * @param sources what the page may fetch, {@link #SEALED} or {@link #SERVED}
     * @param scripts names of the scripts among this package's resources, run in turn
     */
    static String render(String title, String sources, Consumer<Markup> body, String... scripts) {
        // In a CDATA section, so that the page is XML whatever the script holds.
        String script = Arrays.stream(scripts).map(PageFrame::resource)
                .collect(Collectors.joining("", "//<![CDATA[\n\"use strict\";\n", "//]]>"));
        Markup page = new Markup().trusted("<!DOCTYPE html>\n").open("html", "lang", "en");
        head(page, title, sources + "; style-src 'unsafe-inline'; script-src 'sha256-" + digest(script) + "'");
        page.open("body");
        body.accept(page);
        page.open("script").trusted(script).close();
        return page.close().close() + "\n";
    }

    private static void head(Markup page, String title, String policy) {
        page.open("head").empty("meta", "charset", "utf-8")
                .empty("meta", "http-equiv", "Content-Security-Policy", "content", policy)
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .empty("meta", "name", "color-scheme", "content", "light dark")
                .element("title", title)
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
        try (InputStream stream = PageFrame.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
