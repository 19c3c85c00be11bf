package org.primer4j.bench;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The command line of {@code bench maml}, {@code bench fomaml} and {@code bench reptile}, for a command to mix in. Options that only the peer
 * has are refused by name.
 */
public final class BenchMetaArguments {

    private static final int REPTILE_STEPS = 5;

    @Option(names = "--model", defaultValue = "bart-base", description = "bart-tiny, bart-base (default) or bart-large, with random weights")
    private String model;

    @Option(names = "--batch", defaultValue = "4", description = "rows of each inner batch, and of the query (default 4)")
    private int batch;

    @Option(names = "--steps", defaultValue = "5", description = "timed outer steps (default 5)")
    private int steps;

    @Option(names = "--warmup", defaultValue = "1", description = "outer steps before the clock starts (default 1)")
    private int warmup;

    @Option(names = "--inner", defaultValue = "all", description = "what is adapted and learned: all (default), or lora")
    private String inner;

    @Option(names = "--tasks", defaultValue = "4", description = "tasks of an outer step (default 4)")
    private int tasks;

    @Option(names = "--inner-steps", description = "inner steps (default 1; 5 for reptile)")
    private Integer innerSteps;

    @Option(names = "--inner-lr", defaultValue = "3e-5", description = "learning rate of the inner steps (default 3e-5)")
    private double innerRate;

    @Option(names = "--outer-lr", defaultValue = "0.1", description = "Reptile's step towards the mean (default 0.1)")
    private double outerRate;

    @Option(names = "--lr", defaultValue = "1e-4", description = "learning rate of AdamW in the outer steps of maml and fomaml (default 1e-4)")
    private double rate;

    @Option(names = "--dropout", defaultValue = "0", hidden = true)
    private double dropout;

    @Option(names = "--objective", defaultValue = "seq2seq", hidden = true)
    private String objective;

    @Option(names = "--bottleneck", hidden = true)
    private Integer bottleneck;

    @Option(names = "--virtual-tokens", hidden = true)
    private Integer virtualTokens;

    @Mixin
    private SharedOptions shared;
    @Mixin
    private PeerOptions peer;

    /**
     * The options as they were given.
     *
     * @param command maml, fomaml or reptile
     * @throws org.primer4j.BadInputException naming an option that is out of range or that only the peer has
     */
    public BenchMetaOptions options(String command) {
        OptionChecks checks = new OptionChecks("bench " + command);
        peer.refuse(checks);
        checks.refusePeers("--bottleneck", bottleneck != null, "adapters are not meta-learned here");
        checks.refusePeers("--virtual-tokens", virtualTokens != null, "prefix and prompt are not meta-learned here");
        checks.require(objective.equals("seq2seq"), "--objective", objective, "seq2seq");
        checks.require(dropout == 0, "--dropout", dropout, "0, as meta-learning has no dropout here");
        int inside = innerSteps != null ? innerSteps : command.equals("reptile") ? REPTILE_STEPS : 1;
        return new BenchMetaOptions(command, model, shared.lengths, batch, steps, warmup, inner, tasks, inside, innerRate, outerRate, rate, shared.rank,
            shared.seed, shared.device());
    }
}
