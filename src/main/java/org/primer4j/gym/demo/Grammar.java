package org.primer4j.gym.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Sentence patterns and word lists: named sections, each a list of alternatives, one a line.
 *
 * <pre>
 * use common            sections of another file; a section of the same name adds to it
 * [= positive]          a label's patterns
 * {^person#1} liked {dish}, and so did {person#2}.
 * [dish]                a word list: alternatives without slots
 * soup|soups
 * ~                     the empty alternative
 * </pre>
 *
 * A slot is {@code {section}}; {@code ^} capitalises, {@code #1} names the draw so that it can be repeated in the
 * row, {@code .2} takes the second of an alternative's columns. One row never draws the same alternative of a section
 * twice except by name. {@code a(n)} becomes the fitting article. Lines that begin with {@code //} are comments.
 */
final class Grammar {

    /** Prefix of the sections that hold a label's patterns. */
    static final String LABEL = "= ";

    private static final String USE = "use ";

    private final Map<String, List<String>> sections = new LinkedHashMap<>();

    private Grammar() {
    }

    /** Reads the grammar {@code name.txt} of this package and all that it uses. */
    static Grammar load(String name) {
        Grammar grammar = new Grammar();
        grammar.read(name);
        return grammar;
    }

    /** Reads a grammar given as text. */
    static Grammar parse(String text) {
        Grammar grammar = new Grammar();
        grammar.add("text", text);
        return grammar;
    }

    /** The labels that have patterns, in the file's order. */
    List<String> labels() {
        return sections.keySet().stream().filter(s -> s.startsWith(LABEL)).map(s -> s.substring(LABEL.length())).toList();
    }

    /** Draws one text of a section. */
    Draft draw(String section, SplittableRandom random) {
        return new Expansion(this, random).draw(section);
    }

    /** The alternatives of a section. */
    List<String> alternatives(String section) {
        List<String> found = sections.get(section);
        if (found == null || found.isEmpty()) {
            throw new IllegalStateException("the grammar has no alternatives for the section '" + section + "'");
        }
        return found;
    }

    /** Whether the section is a word list, that is, none of its alternatives has a slot. */
    boolean isWordList(String section) {
        return alternatives(section).stream().noneMatch(a -> a.contains("{"));
    }

    private void read(String name) {
        String file = name + ".txt";
        try (InputStream in = Grammar.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the grammar " + file + " is missing from the jar");
            }
            add(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the grammar " + file + " cannot be read", e);
        }
    }

    private void add(String file, String text) {
        List<String> section = null;
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.startsWith(USE) && section == null) {
                read(line.substring(USE.length()));
            } else if (line.startsWith("[") && line.endsWith("]")) {
                section = sections.computeIfAbsent(line.substring(1, line.length() - 1), s -> new ArrayList<>());
            } else if (!line.isEmpty() && !line.startsWith("//")) {
                if (section == null) {
                    throw new IllegalStateException(file + ": '" + line + "' stands before the first [section]");
                }
                section.add(line);
            }
        }
    }
}
