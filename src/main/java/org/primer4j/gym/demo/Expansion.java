package org.primer4j.gym.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One row in the making: fills a pattern's slots and remembers the named draws. */
final class Expansion {

    private static final Pattern SLOT = Pattern.compile("\\{(\\^?)([a-z][a-z0-9-]*)(?:#(\\d+))?(?:\\.(\\d+))?}");
    private static final Pattern ARTICLE = Pattern.compile("\\b([Aa])\\(n\\) (\\w+)");
    private static final Pattern VOWEL = Pattern.compile("(?i)(?!one|uni|use|usu|eu)[aeiou].*|(?i)hour.*|honest.*");

    private final Grammar grammar;
    private final SplittableRandom random;
    private final Map<String, Draft> named = new HashMap<>();
    private final Map<String, List<String>> left = new HashMap<>();

    Expansion(Grammar grammar, SplittableRandom random) {
        this.grammar = grammar;
        this.random = random;
    }

    Draft draw(String section) {
        Draft draft = expand(choose(section));
        return new Draft(polish(draft.text()), draft.template());
    }

    private Draft expand(String pattern) {
        Matcher slot = SLOT.matcher(pattern);
        StringBuilder text = new StringBuilder();
        StringBuilder template = new StringBuilder();
        int end = 0;
        while (slot.find()) {
            String before = pattern.substring(end, slot.start());
            Draft filled = fill(slot);
            text.append(before).append(slot.group(1).isEmpty() ? filled.text() : capitalise(filled.text()));
            template.append(before).append(filled.template());
            end = slot.end();
        }
        return new Draft(text.append(pattern.substring(end)).toString(), template.append(pattern.substring(end)).toString());
    }

    private Draft fill(Matcher slot) {
        String section = slot.group(2);
        Draft whole = slot.group(3) == null ? fresh(section) : remembered(section, slot.group(3));
        return slot.group(4) == null ? whole : column(whole, section, Integer.parseInt(slot.group(4)));
    }

    private Draft remembered(String section, String number) {
        String key = section + "#" + number;
        Draft known = named.get(key);
        if (known == null) {
            known = fresh(section);
            named.put(key, known);
        }
        return known;
    }

    private Draft fresh(String section) {
        Draft draft = expand(choose(section));
        return grammar.isWordList(section) ? new Draft(draft.text(), "{" + section + "}") : draft;
    }

    private static Draft column(Draft draft, String section, int column) {
        String[] columns = draft.text().split("\\|");
        if (column > columns.length) {
            throw new IllegalStateException("'" + draft.text() + "' of the section '" + section + "' has no column " + column);
        }
        return new Draft(columns[column - 1], draft.template());
    }

    /** Takes an alternative that this row has not used yet. */
    private String choose(String section) {
        List<String> unused = left.computeIfAbsent(section, s -> new ArrayList<>(grammar.alternatives(s)));
        if (unused.isEmpty()) {
            throw new IllegalStateException("one row uses up all alternatives of the section '" + section + "'");
        }
        String chosen = unused.remove(random.nextInt(unused.size()));
        return chosen.equals("~") ? "" : chosen;
    }

    private static String polish(String text) {
        String spaced = text.replaceAll(" +", " ").replaceAll(" ([.,?!])", "$1").strip();
        return ARTICLE.matcher(spaced).replaceAll(m -> m.group(1) + (VOWEL.matcher(m.group(2)).matches() ? "n " : " ") + m.group(2));
    }

    private static String capitalise(String text) {
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
