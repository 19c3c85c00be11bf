package org.primer4j.gym;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The two parts of a multiple-choice input such as {@code What flies? (A) a bird (B) a stone}.
 *
 * <p>Inputs consist of segments separated by {@code [SEP]}; the options stand in one of them, after the question or
 * alone, and run to the segment's end. A letter in brackets may also be part of the question ("P (A) = 0.2"): the
 * longest run of letters from (A) counts, and of equally long ones the last.
 *
 * @param question the input without its options
 * @param texts    the options in the input's order; of options that differ only in case and white
 *                 space the first, since no metric tells them apart
 */
public record Options(String question, List<String> texts) {

    private static final String SEPARATOR = "[SEP]";

    public Options {
        texts = List.copyOf(texts);
    }

    /** Splits an input; empty if it has no options. */
    public static Optional<Options> parse(String input) {
        String[] segments = input.split("\\[SEP]", -1);
        int best = -1;
        List<Integer> marks = List.of();
        for (int i = 0; i < segments.length; i++) {
            List<Integer> found = longestRun(segments[i]);
            if (found.size() >= 2 && found.size() >= marks.size()) {
                best = i;
                marks = found;
            }
        }
        return best < 0 ? Optional.empty() : Optional.of(split(segments, best, marks));
    }

    /** The position of a text among the options, ignoring case and white space; -1 if it is none of them. */
    public int indexOf(String text) {
        return texts.stream().map(Options::normalised).toList().indexOf(normalised(text));
    }

    private static Options split(String[] segments, int index, List<Integer> marks) {
        List<String> texts = texts(segments[index], marks);
        segments[index] = segments[index].substring(0, marks.get(0));
        List<String> kept = new ArrayList<>();
        for (String segment : segments) {
            if (!segment.isBlank()) {
                kept.add(segment.strip());
            }
        }
        return new Options(String.join(" " + SEPARATOR + " ", kept), texts);
    }

    private static List<String> texts(String segment, List<Integer> marks) {
        List<String> texts = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            int end = i + 1 < marks.size() ? marks.get(i + 1) : segment.length();
            String text = segment.substring(marks.get(i) + mark(i).length(), end).strip();
            if (!seen.contains(normalised(text))) {
                seen.add(normalised(text));
                texts.add(text);
            }
        }
        return texts;
    }

    private static List<Integer> longestRun(String segment) {
        List<Integer> longest = List.of();
        for (int start = segment.indexOf(mark(0)); start >= 0; start = segment.indexOf(mark(0), start + 1)) {
            List<Integer> run = run(segment, start);
            longest = run.size() >= longest.size() ? run : longest;
        }
        return longest;
    }

    private static List<Integer> run(String segment, int start) {
        List<Integer> marks = new ArrayList<>();
        for (int at = start; at >= 0 && marks.size() < 26; at = segment.indexOf(mark(marks.size()), at + 1)) {
            marks.add(at);
        }
        return marks;
    }

    private static String mark(int index) {
        return "(" + (char) ('A' + index) + ")";
    }

    private static String normalised(String text) {
        return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }
}
