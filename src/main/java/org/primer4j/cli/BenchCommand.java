package org.primer4j.cli;

import java.util.List;
import org.primer4j.bench.BenchTrain;
import org.primer4j.bench.BenchTrainArguments;
import org.primer4j.bench.BenchTrainOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/** Measures speed. */
@CommandLine.Command(name = "bench", description = "Measure speed; one JSON line on standard output.", synopsisSubcommandLabel = "COMMAND",
    subcommands = BenchCommand.Train.class)
final class BenchCommand extends Command {

    /** What the design names and this version does not have. */
    private static final List<String> LATER = List.of("maml", "fomaml", "reptile", "generate", "sweep", "ops");

    @Unmatched
    private List<String> arguments;

    @Override
    public Integer call() {
        if (arguments == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "No benchmark is given; expected bench train.");
        }
        String name = arguments.get(0);
        throw new CommandLine.ParameterException(spec.commandLine(), LATER.contains(name)
            ? "bench " + name + " is not there yet; expected bench train." : "There is no benchmark '" + name + "'; expected bench train.");
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
}
