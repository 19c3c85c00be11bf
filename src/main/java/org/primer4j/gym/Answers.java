package org.primer4j.gym;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How one predicted text is compared with one accepted answer. Words and white space are Python's, so that the scores
 * equal those of CrossFit's code.
 */
public final class Answers {

    /** The 32 characters of Python's string.punctuation; Java's class has the same. */
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
    private static final String WORD = "[\\p{L}\\p{N}_]";
    private static final Pattern ARTICLE = Pattern.compile("(?<!" + WORD + ")(a|an|the)(?!" + WORD + ")");
    private static final String SPACE = "[\\s\\x1c-\\x1f]";
    private static final Pattern SPACES = Pattern.compile(SPACE + "+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern EDGES = Pattern.compile("^" + SPACE + "+|" + SPACE + "+\\z", Pattern.UNICODE_CHARACTER_CLASS);

    private Answers() {
    }

    /**
     * SQuAD's normal form (Rajpurkar et al. 2016): lower case, without ASCII punctuation and without the words a, an,
     * the, single spaces.
     */
    public static String normalised(String text) {
        String plain = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
        return String.join(" ", words(ARTICLE.matcher(plain).replaceAll(" ")));
    }

    /** Without white space at both ends. */
    public static String stripped(String text) {
        return EDGES.matcher(text).replaceAll("");
    }

    /** 1 if the texts are equal in any case, else 0. */
    static double sameInAnyCase(String prediction, String answer) {
        return prediction.toLowerCase(Locale.ROOT).equals(answer.toLowerCase(Locale.ROOT)) ? 1 : 0;
    }

    /** 1 if the normal forms are equal, else 0. */
    static double sameNormalised(String prediction, String answer) {
        return normalised(prediction).equals(normalised(answer)) ? 1 : 0;
    }

    /** F1 of the normal forms' words, each counted as often as it occurs; 0 without a common word. */
    static double wordF1(String prediction, String answer) {
        List<String> predicted = words(normalised(prediction));
        List<String> accepted = words(normalised(answer));
        Map<String, Integer> left = new HashMap<>();
        accepted.forEach(word -> left.merge(word, 1, Integer::sum));
        long common = predicted.stream().filter(word -> left.merge(word, -1, Integer::sum) >= 0).count();
        return common == 0 ? 0 : 2.0 * common / (predicted.size() + accepted.size());
    }

    /**
     * Rouge-L's F1 (Lin 2004) on words as they stand: 2 LCS / (words of both), LCS the longest common subsequence; 0 for
     * a prediction of nothing but punctuation. The package that CrossFit calls splits sentences at periods and counts
     * repeated words once, so that it differs on such texts.
     */
    static double rougeL(String prediction, String answer) {
        if (PUNCTUATION.matcher(prediction).replaceAll("").isEmpty()) {
            return 0;
        }
        List<String> predicted = words(prediction);
        List<String> accepted = words(answer);
        int common = longestCommonSubsequence(predicted, accepted);
        return common == 0 ? 0 : 2.0 * common / (predicted.size() + accepted.size());
    }

    private static List<String> words(String text) {
        String stripped = stripped(text);
        return stripped.isEmpty() ? List.of() : Arrays.asList(SPACES.split(stripped));
    }

    /** One row of the table at a time. */
    private static int longestCommonSubsequence(List<String> a, List<String> b) {
        int[] row = new int[b.size() + 1];
        for (String word : a) {
            int diagonal = 0;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                row[j] = word.equals(b.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[b.size()];
    }
}
