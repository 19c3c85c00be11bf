package org.primer4j.text;

/**
 * Takes the spaces out that English does not have before punctuation: the {@code clean_up_tokenization_spaces} of Hugging
 * Face's {@code decode}, which CrossFit asks for. Its ten replacements in its order; it also joins {@code " ' "}, so that a
 * quotation in single quotes loses spaces.
 */
public final class Cleanup {

    private static final String[][] REPLACEMENTS = {{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"},
        {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};

    private Cleanup() {
    }

    /** The text without these spaces. */
    public static String clean(String text) {
        String cleaned = text;
        for (String[] replacement : REPLACEMENTS) {
            cleaned = cleaned.replace(replacement[0], replacement[1]);
        }
        return cleaned;
    }
}
