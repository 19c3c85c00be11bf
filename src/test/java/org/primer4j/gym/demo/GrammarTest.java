package org.primer4j.gym.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class GrammarTest {

    private static final String PETS = """
            [start]
            {^pet#1.1} and {pet#2.1} met two {pet#1.2}.
            [pet]
            // a comment
            cat|cats
            dog|dogs
            """;

    private static String drawOnly(String grammar) {
        return Grammar.parse(grammar).draw("start", new SplittableRandom(1)).text();
    }

    @Property(tries = 50)
    void namedDrawsRepeatAndOthersDiffer(@ForAll long seed) {
        String text = Grammar.parse(PETS).draw("start", new SplittableRandom(seed)).text();
        assertTrue(List.of("Cat and dog met two cats.", "Dog and cat met two dogs.").contains(text), text);
    }

    @Property(tries = 50)
    void sameSeedSameText(@ForAll long seed) {
        Grammar grammar = Grammar.load("meal_review");
        Draft first = grammar.draw("= tasty", new SplittableRandom(seed));
        assertEquals(first, grammar.draw("= tasty", new SplittableRandom(seed)));
    }

    @Test
    void templateLeavesWordListsOpenAndFollowsPatterns() {
        Draft draft = Grammar.parse("[start]\n{frame}!\n[frame]\nA {pet}\n[pet]\ncat\ndog").draw("start", new SplittableRandom(3));
        assertEquals("A {pet}!", draft.template());
        assertNotEquals(draft.template(), draft.text());
    }

    @Test
    void articleFitsTheNextWord() {
        assertEquals("An apple, a unit, an hour and a pear.", drawOnly("[start]\nA(n) apple, a(n) unit, a(n) hour and a(n) pear."));
    }

    @Test
    void emptyAlternativeLeavesNoGap() {
        assertEquals("It rains.", drawOnly("[start]\nIt {adverb} rains {adverb-two}.\n[adverb]\n~\n[adverb-two]\n~"));
    }

    @Test
    void usedFileAddsItsSections() {
        Grammar hotel = Grammar.load("hotel_review");
        assertEquals(List.of("recommend", "avoid"), hotel.labels());
        assertTrue(hotel.isWordList("town"));
        assertFalse(hotel.isWordList("good-review"));
    }

    @Test
    void mistakesAreNamed() {
        assertMessage("adverb", "[start]\nIt {adverb} rains.");
        assertMessage("column 3", "[start]\n{pet.3}\n[pet]\ncat|cats");
        assertMessage("uses up", "[start]\n{pet} {pet}\n[pet]\ncat");
        assertMessage("before the first", "cat");
        assertMessage("nothing.txt", "use nothing");
    }

    private static void assertMessage(String part, String grammar) {
        String message = assertThrows(IllegalStateException.class, () -> drawOnly(grammar)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
