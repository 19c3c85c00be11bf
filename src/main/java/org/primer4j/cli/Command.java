package org.primer4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have. A command's call gives the exit status; it validates everything before it starts any work. */
abstract class Command implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Option(names = "--json", description = "Results as one JSON object per line on standard output, and nothing else there.")
    boolean json;

    @Option(names = "--debug", description = "On failure show the stack trace.")
    boolean debug;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    boolean help;

    Console console() {
        return main().console();
    }

    /** The command line, for results: a shell reads it as it was. */
    String commandLine() {
        return "primer " + String.join(" ", main().arguments().stream().map(Command::quoted).toList());
    }

    static String quoted(String argument) {
        return argument.matches("[\\w@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }

    /** What an interruption leaves behind, for the message; empty if the command writes no files. */
    String onInterruption() {
        return "";
    }

    private Main main() {
        return (Main) spec.root().userObject();
    }
}
