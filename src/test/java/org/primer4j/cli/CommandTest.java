package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {

    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @ValueSource(strings = {"", "--rates", "1e-3,3e-3", "a b", "models/bart*", "it's", "$HOME", "a;b", "two\nlines\nmore", "\\", "\"q\"", "~"})
    void aShellReadsAQuotedArgumentAsItWas(String argument) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "printf %s " + Command.quoted(argument)).start();
        assertEquals(argument, new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, shell.waitFor());
    }
}
