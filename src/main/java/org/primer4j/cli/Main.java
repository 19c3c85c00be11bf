package org.primer4j.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.primer4j.Version;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The launcher: {@code primer COMMAND ...}. */
@CommandLine.Command(name = "primer", synopsisSubcommandLabel = "COMMAND", versionProvider = Main.Versions.class,
    description = {"Few-shot adapters on primed language models.", ""},
    subcommands = {DemoCommand.class, PrimeCommand.class, TuneCommand.class, ExperimentCommand.class, PredictCommand.class, GenerateCommand.class, ExportCommand.class,
        ReportCommand.class, DoctorCommand.class, BenchCommand.class, VerifyCommand.class, GymCommand.class})
public final class Main implements Callable<Integer> {

    private final Console console;
    private final List<String> arguments;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version.")
    private boolean version;

    private Main(Console console, List<String> arguments) {
        this.console = console;
        this.arguments = arguments;
    }

    /** Runs a command and ends the JVM with its status. */
    public static void main(String[] args) {
        Interruption interruption = Interruption.install(Thread.currentThread());
        int status = written(run(args, utf8(System.out), utf8(System.err)));
        interruption.finished();
        System.exit(status);
    }

    // A print stream keeps quiet about a full disk or a closed pipe.
    private static int written(int status) {
        if (status == ExitStatus.DONE && System.out.checkError()) {
            System.err.println("primer: the run failed: standard output could not be written");
            return ExitStatus.FAILED;
        }
        return status;
    }

    // Whatever the locale says: tasks and labels are UTF-8.
    private static PrintStream utf8(PrintStream stream) {
        PrintStream utf8 = new PrintStream(stream, true, StandardCharsets.UTF_8);
        if (stream == System.out) {
            System.setOut(utf8);
        } else {
            System.setErr(utf8);
        }
        return utf8;
    }

    /**
     * Runs a command.
     *
     * @param out for results
     * @param err for progress, log and errors
     * @return the exit status: 0 done, 1 the run failed, 2 bad usage or bad input, 130 interrupted
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLine commandLine = commandLine(new Console(out, err), List.of(args));
        commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        commandLine.setParameterExceptionHandler(Failures::badUsage);
        commandLine.setExecutionExceptionHandler(Failures::failed);
        try {
            return commandLine.execute(args);
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            err.println("primer: the run failed: " + e);
            return ExitStatus.FAILED;
        }
    }

    static CommandLine commandLine(Console console, List<String> arguments) {
        return new CommandLine(new Main(console, arguments));
    }

    Console console() {
        return console;
    }

    List<String> arguments() {
        return arguments;
    }

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "No command is given; expected one of "
            + String.join(", ", spec.subcommands().keySet()) + ".");
    }

    static final class Versions implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"Primer4J " + Version.number() + (Version.commit().isEmpty() ? "" : " (" + Version.commit() + ")")};
        }
    }
}
