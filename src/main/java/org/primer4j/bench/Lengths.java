package org.primer4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/** The lengths of a benchmark's texts. */
final class Lengths {

    private static final Pattern FIXED = Pattern.compile("fixed:(\\d{1,6})/(\\d{1,6})");
    private static final Pattern LINE = Pattern.compile("\\s*(\\d{1,6})\\s+(\\d{1,6})(\\s.*)?");

    private Lengths() {}

    /**
     * A row's lengths in tokens.
     *
     * @param source of the first text
     * @param target of the second
     */
    record Pair(int source, int target) {}

    /** The pairs of {@code fixed:S/T}, or of a file with {@code S T} on each line; lines that begin with # are comments. */
    static List<Pair> read(String spec) {
        Matcher fixed = FIXED.matcher(spec);
        if (fixed.matches()) {
            return List.of(pair(fixed, "--lengths " + spec));
        }
        List<Pair> pairs = new ArrayList<>();
        List<String> lines = lines(spec);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isBlank() && !line.startsWith("#")) {
                pairs.add(parse(line, spec + ", line " + (i + 1)));
            }
        }
        if (pairs.isEmpty()) {
            throw new BadInputException(spec + " has no lines; expected 'SOURCE TARGET' on each.");
        }
        return pairs;
    }

    /** How a result names them: a file without its folder. */
    static String shown(String spec) {
        return spec.startsWith("fixed:") ? spec : spec.substring(spec.lastIndexOf('/') + 1);
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException | java.nio.file.InvalidPathException e) {
            throw new BadInputException("--lengths " + file + " cannot be read (" + e + "); expected fixed:SOURCE/TARGET or a text file.");
        }
    }

    private static Pair parse(String line, String where) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new BadInputException(where + " is '" + line + "'; expected two whole numbers, SOURCE and TARGET.");
        }
        return pair(matcher, where);
    }

    private static Pair pair(Matcher matcher, String where) {
        Pair pair = new Pair(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        if (pair.source() < 1 || pair.target() < 1) {
            throw new BadInputException(where + " has a length of 0; expected at least 1 token.");
        }
        return pair;
    }

    /** {@code needed} pairs: shuffled passes over the list, in the order in which the peer takes them. */
    static List<Pair> order(List<Pair> pairs, int needed, int seed) {
        MersenneTwister random = new MersenneTwister(seed);
        List<Pair> chosen = new ArrayList<>();
        while (chosen.size() < needed) {
            for (int i : random.permutation(pairs.size())) {
                chosen.add(pairs.get(i));
            }
        }
        return chosen.subList(0, needed);
    }
}
