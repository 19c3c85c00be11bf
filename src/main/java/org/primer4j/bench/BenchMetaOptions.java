package org.primer4j.bench;

import java.util.List;
import org.primer4j.model.io.BartConfig;

/**
 * What {@code bench maml}, {@code bench fomaml} and {@code bench reptile} measure; the options of the peer's commands of these names.
 *
 * @param command maml, fomaml or reptile
 * @param model bart-tiny, bart-base or bart-large, with random weights
 * @param lengths fixed:SRC/TGT, or a file of "SRC TGT" lines
 * @param batch rows of each inner batch, and of the query
 * @param steps timed outer steps
 * @param warmup outer steps before the clock starts
 * @param inner what both loops move: all of the model, or LoRA
 * @param tasks of an outer step
 * @param innerSteps of SGD, each on a batch of its own
 * @param innerRate of SGD
 * @param outerRate Reptile's step towards the mean
 * @param rate of AdamW, which takes the outer steps of maml and fomaml
 * @param rank of LoRA
 * @param seed of weights, token ids and the order of the lengths
 * @param device where, and in what numbers
 */
public record BenchMetaOptions(String command, String model, String lengths, int batch, int steps, int warmup, String inner, int tasks, int innerSteps,
                               double innerRate, double outerRate, double rate, int rank, int seed, BenchDevice device) {

    static final String LORA = "lora";
    private static final List<String> COMMANDS = List.of("maml", "fomaml", "reptile");

    public BenchMetaOptions {
        if (!COMMANDS.contains(command)) {
            throw new IllegalArgumentException("no benchmark of meta-learning is called " + command);
        }
        OptionChecks checks = new OptionChecks("bench " + command);
        checks.oneOf("--model", model, List.of("bart-tiny", "bart-base", "bart-large"));
        checks.oneOf("--inner", inner, List.of("all", LORA));
        checks.between("--batch", batch, 1, OptionChecks.MOST_BATCH);
        checks.between("--tasks", tasks, 1, OptionChecks.MOST);
        checks.between("--inner-steps", innerSteps, 1, OptionChecks.MOST);
        // Each inner step's rows, and the query's.
        checks.work(steps, warmup, (double) tasks * (innerSteps + 1) * batch);
        checks.shared(rank, seed);
        device.check(checks, inner.equals(LORA) ? BenchDevice.DTYPES : BenchDevice.DTYPES.subList(0, 1));
        checks.positive("--inner-lr", innerRate);
        checks.positive("--outer-lr", outerRate);
        checks.positive("--lr", rate);
    }

    boolean movesLora() {
        return inner.equals(LORA);
    }

    BartConfig config() {
        return BenchShapes.bart(model);
    }
}
