package org.primer4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloseOnFailureTest {

    private final List<String> closed = new ArrayList<>();

    private AutoCloseable resource(String name) {
        return () -> closed.add(name);
    }

    private AutoCloseable failing(String name) {
        return () -> {
            closed.add(name);
            throw new java.io.IOException(name);
        };
    }

    @Test
    void closesLastFirst() {
        try (CloseOnFailure opened = new CloseOnFailure()) {
            opened.add(resource("a"));
            opened.add(resource("b"));
        }
        assertEquals(List.of("b", "a"), closed);
    }

    @Test
    void leavesToTheCallerWhatSucceeded() {
        try (CloseOnFailure opened = new CloseOnFailure()) {
            opened.add(resource("a"));
            opened.succeeded();
        }
        assertEquals(List.of(), closed);
    }

    @Test
    void closesAllAndKeepsEveryFailure() {
        CloseOnFailure opened = new CloseOnFailure();
        opened.add(failing("a"));
        opened.add(resource("b"));
        opened.add(failing("c"));
        IllegalStateException failure = assertThrows(IllegalStateException.class, opened::close);
        assertEquals(List.of("c", "b", "a"), closed);
        assertEquals("c", failure.getCause().getMessage());
        assertEquals("a", failure.getSuppressed()[0].getCause().getMessage());
    }
}
