package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.primer4j.gym.Sentences.assertRefused;

import java.util.List;
import org.junit.jupiter.api.Test;

class CandidatesTest {

    @Test
    void labelsAreSortedAndTheSameForEveryInput() {
        Candidates candidates = candidates(TaskType.CLASSIFICATION,
                new Example("x", "no"), new Example("y", "Yes"), new Example("z", "no"));
        assertEquals(List.of("Yes", "no"), candidates.labels());
        assertEquals(List.of("Yes", "no"), candidates.of("Why? (A) a (B) b"));
        assertEquals(1, candidates.gold(new Example("w", "no")));
        assertEquals(-1, candidates.gold(new Example("w", "yes")));
    }

    @Test
    void optionsComeFromTheInput() {
        Candidates candidates = candidates(TaskType.MULTIPLE_CHOICE);
        assertEquals(List.of("a cat", "a dog"), candidates.of("Who? (A) a cat (B) a dog"));
        assertEquals(1, candidates.gold(new Example("Who? (A) a cat (B) a dog", "A  Dog")));
        assertRefused(() -> candidates.of("Who?"), "'Who?'", "no options");
    }

    @Test
    void freeTextHasNoCandidates() {
        assertRefused(() -> candidates(TaskType.QA), "task", "free-text");
    }

    private static Candidates candidates(TaskType type, Example... train) {
        return Candidates.of(new TaskSample(new TaskInfo("t", type, "ACC"), 1, List.of(train), List.of(), List.of()));
    }
}
