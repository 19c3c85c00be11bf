package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void afterTheQuestion() {
        assertParsed("Why?  (A) so (B) no", "Why?", "so", "no");
    }

    @Test
    void withoutSpaces() {
        assertParsed("Who came?(A)The cat.(B)not enough information(C)Two men. [SEP] A cat came.",
                "Who came? [SEP] A cat came.", "The cat.", "not enough information", "Two men.");
    }

    @Test
    void aloneInTheLastSegment() {
        assertParsed("The car passed the bus. [SEP] it [SEP] (A) The car (B) the bus",
                "The car passed the bus. [SEP] it", "The car", "the bus");
        assertParsed("Why? [SEP] Some story. [SEP]  (A) so . (B) no .", "Why? [SEP] Some story.", "so .", "no .");
    }

    @Test
    void lettersOfTheQuestionAreNoOptions() {
        assertParsed("Let P (A) = 0.5 and P(B) = 0.1. Find P(A/B)? (A) 0.1 (B) 0.2 (C) 0.3",
                "Let P (A) = 0.5 and P(B) = 0.1. Find P(A/B)?", "0.1", "0.2", "0.3");
        assertParsed("Is (A) before (B)? (A) yes (B) no (C) both", "Is (A) before (B)?", "yes", "no", "both");
    }

    @Test
    void equalOptionsCountOnce() {
        assertParsed("Pick. (A) None (B) one  two (C) none (D) One two (E) two", "Pick.", "None", "one  two", "two");
    }

    @Test
    void noOptions() {
        assertEquals(Optional.empty(), Options.parse("plain text"));
        assertEquals(Optional.empty(), Options.parse("only (A) one"));
        assertEquals(Optional.empty(), Options.parse("(B) no (C) start"));
        assertEquals(Optional.empty(), Options.parse(""));
    }

    @Test
    void indexIgnoresCaseAndSpace() {
        Options options = Options.parse("Pick. (A) The Cat (B) a  dog").orElseThrow();
        assertEquals(0, options.indexOf(" the cat"));
        assertEquals(1, options.indexOf("a dog"));
        assertEquals(-1, options.indexOf("cat"));
    }

    @Property(tries = 200)
    void writtenOptionsAreReadBack(@ForAll @AlphaChars @StringLength(min = 1, max = 9) String question,
            @ForAll @Size(min = 2, max = 26) @UniqueElements(by = Lower.class)
            List<@AlphaChars @StringLength(min = 1, max = 9) String> texts) {
        StringBuilder input = new StringBuilder(question);
        for (int i = 0; i < texts.size(); i++) {
            input.append(" (").append((char) ('A' + i)).append(") ").append(texts.get(i));
        }
        assertEquals(Optional.of(new Options(question, texts)), Options.parse(input.toString()));
    }

    @Property(tries = 200)
    void anyTextIsReadWithoutAnError(@ForAll List<Token> tokens) {
        String input = String.join("", tokens.stream().map(t -> t.text).toList());
        Options.parse(input).ifPresent(options -> assertEachIsFound(options, input));
    }

    private static void assertEachIsFound(Options options, String input) {
        assertFalse(options.texts().isEmpty(), input);
        for (int i = 0; i < options.texts().size(); i++) {
            assertEquals(i, options.indexOf(options.texts().get(i)), input);
        }
    }

    enum Token {
        A("(A)"), B("(B)"), C("(C)"), SEPARATOR("[SEP]"), SPACE(" "), WORD("word"), BRACKET("(");

        private final String text;

        Token(String text) {
            this.text = text;
        }
    }

    static final class Lower implements Function<Object, Object> {
        @Override
        public Object apply(Object text) {
            return text.toString().toLowerCase(Locale.ROOT);
        }
    }

    private static void assertParsed(String input, String question, String... texts) {
        assertEquals(Optional.of(new Options(question, List.of(texts))), Options.parse(input));
    }
}
