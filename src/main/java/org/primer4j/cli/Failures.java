package org.primer4j.cli;

import java.io.PrintWriter;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.primer4j.BadInputException;
import org.primer4j.gym.Names;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one sentence why a command did not do what it should, and gives the exit status. */
final class Failures {

    private Failures() {
    }

    /** The command line cannot be understood. */
    static int badUsage(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println("primer: " + oneLine(failure.getMessage()).replaceFirst("\\.$", "") + suggestions(failure) + " (see '"
            + command.getCommandSpec().qualifiedName() + " --help')");
        return ExitStatus.BAD_INPUT;
    }

    private static String suggestions(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return "";
        }
        String word = unmatched.getUnmatched().get(0);
        CommandSpec spec = failure.getCommandLine().getCommandSpec();
        Set<String> known = word.startsWith("-") ? spec.optionsMap().keySet() : spec.subcommands().keySet();
        return known.isEmpty() ? "" : "; the nearest are " + String.join(", ", Names.nearest(word, known));
    }

    /** A command threw. */
    static int failed(Exception failure, CommandLine commandLine, ParseResult parsed) {
        PrintWriter err = commandLine.getErr();
        Command command = commandLine.getCommand() instanceof Command c ? c : null;
        if (command != null && command.debug) {
            failure.printStackTrace(err);
        }
        if (failure instanceof CancellationException) {
            err.println("primer: interrupted" + (command == null ? "" : command.onInterruption()));
            return ExitStatus.INTERRUPTED;
        }
        if (failure instanceof BadInputException) {
            err.println("primer: " + oneLine(failure.getMessage()));
            return ExitStatus.BAD_INPUT;
        }
        err.println("primer: the run failed: " + reason(failure) + " (--debug shows where)");
        return ExitStatus.FAILED;
    }

    // Exceptions of our own packages carry a sentence; of others the class is half of what they say.
    private static String reason(Exception failure) {
        boolean own = failure.getClass().getName().startsWith("org.primer4j.") && failure.getMessage() != null;
        return oneLine(own ? failure.getMessage() : failure.toString());
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
