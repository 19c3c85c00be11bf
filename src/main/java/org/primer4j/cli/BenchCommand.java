package org.primer4j.cli;

import java.util.List;
import org.primer4j.bench.BenchGenerate;
import org.primer4j.bench.BenchGenerateArguments;
import org.primer4j.bench.BenchGenerateOptions;
import org.primer4j.bench.BenchTrain;
import org.primer4j.bench.BenchTrainArguments;
import org.primer4j.bench.BenchTrainOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/** Measures speed. */
@CommandLine.Command(name = "bench", description = "Measure speed; one JSON line on standard output.", synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchCommand.Train.class, BenchCommand.Generate.class})
final class BenchCommand extends Command {

    /** What the design names and this version does not have. */
    private static final List<String> LATER = List.of("maml", "fomaml", "reptile", "sweep", "ops");

    @Unmatched
    private List<String> arguments;

    @Override
    public Integer call() {
        if (arguments == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "No benchmark is given; expected bench train or bench generate.");
        }
        String name = arguments.get(0);
        throw new CommandLine.ParameterException(spec.commandLine(), LATER.contains(name)
            ? "bench " + name + " is not there yet; expected bench train or bench generate." : "There is no benchmark '" + name + "'; expected bench train or bench generate.");
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
