package org.primer4j.progress;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Whether standard output and standard error are terminals a person looks at. */
public final class Terminal {

    private Terminal() {
    }

    /** Whether standard output takes colour. */
    public static boolean isStdout() {
        return isInteractive(1, System.getenv());
    }

    /** Whether standard error takes a bar that redraws itself. */
    public static boolean isStderr() {
        return isInteractive(2, System.getenv());
    }

    private static boolean isInteractive(int descriptor, Map<String, String> environment) {
        return !isPlainWanted(environment) && isTerminal(descriptor);
    }

    /** CI logs, dumb terminals and no-color.org's variable ask for plain lines. */
    static boolean isPlainWanted(Map<String, String> environment) {
        return environment.containsKey("CI") || !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || "dumb".equals(environment.get("TERM"));
    }

    /**
     * Linux says what the descriptor itself is. Elsewhere Java's console must do, which knows only standard input and
     * output together.
     */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd", String.valueOf(descriptor));
        if (!Files.isSymbolicLink(link)) {
            return isConsoleTerminal();
        }
        try {
            return isTerminalDevice(Files.readSymbolicLink(link).toString());
        } catch (IOException unknown) {
            // Plain lines are right everywhere.
            return false;
        }
    }

    static boolean isTerminalDevice(String target) {
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
    }

    /** Since JDK 22 there is a console even when redirected, and {@code isTerminal()} to ask it; before, none. */
    private static boolean isConsoleTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException olderThan22) {
            return true;
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("Console.isTerminal() is public and throws nothing", impossible);
        }
    }
}
