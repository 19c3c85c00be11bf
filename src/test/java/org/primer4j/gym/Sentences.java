package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;
import org.primer4j.BadInputException;

/** Checks what a user is told about bad input. */
final class Sentences {

    private Sentences() {
    }

    /** The call must be refused with one line that ends in a full stop and contains all parts. */
    static void assertRefused(Executable call, String... parts) {
        String message = assertThrows(BadInputException.class, call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "expected '" + part + "' in: " + message);
        }
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.endsWith("."), message);
    }
}
