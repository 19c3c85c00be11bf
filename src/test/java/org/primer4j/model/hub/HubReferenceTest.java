package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

class HubReferenceTest {

    @ParameterizedTest
    @CsvSource({
        "facebook/bart-base,                    facebook/bart-base, main,      models--facebook--bart-base",
        "google/t5-v1_1-base@refs/pr/3,         google/t5-v1_1-base, refs/pr/3, models--google--t5-v1_1-base",
        "a/b@v1.0+x,                            a/b,                v1.0+x,    models--a--b",
    })
    void namesARepositoryAndARevision(String text, String repository, String revision, String folder) {
        assertTrue(HubReference.matches(text));
        HubReference reference = HubReference.of(text);
        assertEquals(new HubReference(repository, revision), reference);
        assertEquals(folder, reference.folderName());
        assertEquals(text, reference.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"minilm", "/a/b", "./a", "../b", "a/b/c", "a/", "/b", "a//b", "a/.b", "-a/b", "a/b ", "a\\b/c", "a/b\n", "ä/b", "", "@", "a@b/c"})
    void otherTextIsNoModelOfAHub(String text) {
        assertFalse(HubReference.matches(text), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b--c", "a..x/b", "a/b.git", "a/b@", "a/b@..", "a/b@../../x", "a/b@/etc", "a/b@x/../y", "a/b@.x", "a/b@x//y", "a/b@x/",
        "a/b@x y", "a/b@x%2e", "a/b@-x", "a/b@x@y"})
    void refusesWhatLeadsElsewhere(String text) {
        assertTrue(HubReference.matches(text));
        String message = assertThrows(BadInputException.class, () -> HubReference.of(text)).getMessage();
        assertTrue(message.contains("expected"), message);
    }

    @Test
    void aLongRevisionIsRefusedWithAShortSentence() {
        String message = assertThrows(BadInputException.class, () -> new HubReference("a/b", "x".repeat(100_000))).getMessage();
        assertTrue(message.length() < 400, message);
    }

    @Property
    void noTextLeadsOutOfTheModelsFolder(@ForAll @Chars({'/', '.', '@', '-', '\\', '\n', '%', '~'}) @CharRange(from = 'a', to = 'c')
                                         @StringLength(max = 12) String text) {
        if (!HubReference.matches(text)) {
            return;
        }
        HubReference reference;
        try {
            reference = HubReference.of(text);
        } catch (BadInputException refused) {
            return;
        }
        Path folder = Path.of("/cache").resolve(reference.folderName());
        assertEquals(Path.of("/cache"), folder.normalize().getParent());
        Path refs = folder.resolve("refs");
        Path ref = refs.resolve(reference.revision());
        assertEquals(ref, ref.normalize());
        assertTrue(ref.startsWith(refs) && !ref.equals(refs), text);
    }
}
