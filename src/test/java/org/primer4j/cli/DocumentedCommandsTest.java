package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What the documents say of the command line is true: each command in them parses, and each option that they name is one. */
class DocumentedCommandsTest {

    private static final Path ROOT = Path.of("").toAbsolutePath();
    /** Up to the end of the code or line, a comment or a pipe; lines that end in a backslash go on. */
    private static final Pattern COMMAND = Pattern.compile("(?<![\\w-])(?:\\./)?primer ((?:\\\\\n|[^`#|\n])+)");
    private static final Pattern OPTION = Pattern.compile("`(--[a-z][a-z0-9-]*)");

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs.filter(file -> file.toString().endsWith(".md"))).sorted().toList();
        }
    }

    private static CommandLine primer() {
        return Main.commandLine(null, List.of());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyCommandParses() throws IOException {
        int found = 0;
        for (Path document : documents()) {
            Matcher matcher = COMMAND.matcher(read(document));
            while (matcher.find()) {
                List<String> words = words(matcher.group(1));
                if (primer().getSubcommands().containsKey(words.get(0)) && words.size() > 1) {
                    found++;
                    assertDoesNotThrow(() -> primer().parseArgs(words.toArray(String[]::new)), document + ": primer " + String.join(" ", words));
                }
            }
        }
        assertTrue(found > 20, "commands found: " + found);
    }

    // A line's end that is escaped separates words; "..." stands for what is left out.
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>(List.of(command.replace("\\\n", " ").replace("--adapter ...", "--adapter DIR").strip().split("\\s+")));
        words.remove("...");
        return words;
    }

    @Test
    void everyOptionIsOne() throws IOException {
        Set<String> known = new TreeSet<>();
        collect(primer(), known);
        for (Path document : documents()) {
            Matcher matcher = OPTION.matcher(read(document));
            while (matcher.find()) {
                assertTrue(known.contains(matcher.group(1)), document + ": " + matcher.group(1));
            }
        }
    }

    private static void collect(CommandLine command, Set<String> names) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            names.addAll(List.of(option.names()));
        }
        command.getSubcommands().values().forEach(sub -> collect(sub, names));
    }
}
