package org.primer4j.cli;

import java.util.List;
import org.primer4j.bench.BenchGenerate;
import org.primer4j.bench.BenchGenerateArguments;
import org.primer4j.bench.BenchGenerateOptions;
import org.primer4j.bench.BenchMeta;
import org.primer4j.bench.BenchMetaArguments;
import org.primer4j.bench.BenchMetaOptions;
import org.primer4j.bench.BenchTrain;
import org.primer4j.bench.BenchTrainArguments;
import org.primer4j.bench.BenchTrainOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/** Measures speed. */
@CommandLine.Command(name = "bench", description = "Measure speed; one JSON line on standard output.", synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchCommand.Train.class, BenchCommand.Maml.class, BenchCommand.Fomaml.class, BenchCommand.Reptile.class, BenchCommand.Generate.class})
final class BenchCommand extends Command {

    /** What the design names and this version does not have. */
    private static final List<String> LATER = List.of("sweep", "ops");

    private static final String EXPECTED = "expected bench train, maml, fomaml, reptile or generate.";

    @Unmatched
    private List<String> arguments;

    @Override
    public Integer call() {
        if (arguments == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "No benchmark is given; " + EXPECTED);
        }
        String name = arguments.get(0);
        throw new CommandLine.ParameterException(spec.commandLine(), LATER.contains(name)
            ? "bench " + name + " is not there yet; " + EXPECTED : "There is no benchmark '" + name + "'; " + EXPECTED);
    }

    /** Training steps. */
    @CommandLine.Command(name = "train", description = "Training steps: options and result as the peer's bench_peft.py train has them.")
    static final class Train extends Command {

        @Mixin
        private BenchTrainArguments arguments;

        @Override
        public Integer call() {
            BenchTrainOptions options = arguments.options();
            console().print(BenchTrain.toJson(BenchTrain.run(options)) + "\n");
            return ExitStatus.DONE;
        }
    }

    /** Outer steps of meta-learning; the command's name is the algorithm's. */
    abstract static class Meta extends Command {

        @Mixin
        private BenchMetaArguments arguments;

        @Override
        public Integer call() {
            BenchMetaOptions options = arguments.options(spec.name());
            console().print(BenchTrain.toJson(BenchMeta.run(options)) + "\n");
            return ExitStatus.DONE;
        }
    }

    /** Exact second order. */
    @CommandLine.Command(name = "maml", description = "Outer steps of MAML: options and result as the peer's bench_peft.py maml has them.")
    static final class Maml extends Meta {}

    /** First order. */
    @CommandLine.Command(name = "fomaml", description = "Outer steps of first-order MAML: options and result as the peer's bench_peft.py fomaml has them.")
    static final class Fomaml extends Meta {}

    /** Moves towards where the inner loops end. */
    @CommandLine.Command(name = "reptile", description = "Outer steps of Reptile: options and result as the peer's bench_peft.py reptile has them.")
    static final class Reptile extends Meta {}

    /** Beam search. */
    @CommandLine.Command(name = "generate", description = "Beam search: options and result as the peer's bench_peft.py generate has them.")
    static final class Generate extends Command {

        @Mixin
        private BenchGenerateArguments arguments;

        @Override
        public Integer call() {
            BenchGenerateOptions options = arguments.options();
            console().print(BenchTrain.toJson(BenchGenerate.run(options)) + "\n");
            return ExitStatus.DONE;
        }
    }
}
