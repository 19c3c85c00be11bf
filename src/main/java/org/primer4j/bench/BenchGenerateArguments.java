package org.primer4j.bench;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@code bench generate}, for a command to mix in. Options that only the peer has are refused by name. */
public final class BenchGenerateArguments {

    private static final OptionChecks CHECKS = new OptionChecks("bench generate");

    @Option(names = "--model", defaultValue = "bart-base", description = "bart-tiny, bart-base (default) or bart-large, with random weights")
    private String model;

    @Option(names = "--method", defaultValue = "full", description = "full: no adapter (default), lora or lora-all")
    private String method;

    @Option(names = "--merge", description = "fold LoRA into the weights first")
    private boolean merge;

    @Option(names = "--batch", defaultValue = "4", description = "sources at once (default 4)")
    private int batch;

    @Option(names = "--steps", defaultValue = "3", description = "timed batches (default 3)")
    private int steps;

    @Option(names = "--warmup", defaultValue = "1", description = "batches before the clock starts (default 1)")
    private int warmup;

    @Option(names = "--beams", defaultValue = "4", description = "beams (default 4)")
    private int beams;

    @Option(names = "--new-tokens", defaultValue = "32", description = "tokens of every output (default 32)")
    private int newTokens;

    @Option(names = "--objective", hidden = true)
    private String objective;

    @Option(names = "--dropout", hidden = true)
    private Double dropout;

    @Option(names = "--lr", hidden = true)
    private Double lr;

    @Option(names = "--bottleneck", hidden = true)
    private Integer bottleneck;

    @Option(names = "--virtual-tokens", hidden = true)
    private Integer virtualTokens;

    @Mixin
    private SharedOptions shared;
    @Mixin
    private PeerOptions peer;

    private void refusePeerOnly() {
        peer.refuse(CHECKS);
        CHECKS.refusePeers("--objective", objective != null, "generation has none");
        CHECKS.refusePeers("--dropout", dropout != null, "generation has none");
        CHECKS.refusePeers("--lr", lr != null, "generation has no optimizer");
        CHECKS.refusePeers("--bottleneck", bottleneck != null, "adapters are not benchmarked here");
        CHECKS.refusePeers("--virtual-tokens", virtualTokens != null, "prefix and prompt tuning are not benchmarked here");
    }

    /**
     * The options as they were given.
     *
     * @throws org.primer4j.BadInputException naming an option that is out of range or that only the peer has
     */
    public BenchGenerateOptions options() {
        refusePeerOnly();
        return new BenchGenerateOptions(model, method, merge, shared.lengths, batch, steps, warmup, beams, newTokens, shared.rank, shared.seed, shared.device());
    }
}
