package org.primer4j.bench;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of {@code bench train}, for a command to mix in. Options that only the peer has are refused by name. */
public final class BenchTrainArguments {

    private static final OptionChecks CHECKS = new OptionChecks("bench train");

    @Option(names = "--model", defaultValue = "minilm", description = "minilm (default), bart-tiny, bart-base or bart-large, with random weights")
    private String model;

    @Option(names = "--method", defaultValue = "lora", description = "lora (default), lora-all, adapter, bitfit or full; for BART also prefix, prompt and ia3")
    private String method;

    @Option(names = "--objective", description = "classify (default) or contrastive; seq2seq for BART")
    private String objective;

    @Option(names = "--batch", defaultValue = "8", description = "rows of a batch (default 8)")
    private int batch;

    @Option(names = "--steps", defaultValue = "10", description = "timed steps (default 10)")
    private int steps;

    @Option(names = "--warmup", defaultValue = "3", description = "steps before the clock starts (default 3)")
    private int warmup;

    @Option(names = "--passes", defaultValue = "1", description = "run the timed steps so often, count each one's fastest (default 1)")
    private int passes;

    @Option(names = "--bottleneck", defaultValue = "64", description = "width of adapters (default 64)")
    private int bottleneck;

    @Option(names = "--virtual-tokens", defaultValue = "20", description = "length of prefix and prompt (default 20)")
    private int virtualTokens;

    @Option(names = "--lr", defaultValue = "1e-4", description = "learning rate (default 1e-4)")
    private double lr;

    @Option(names = "--dropout", defaultValue = "0", description = "dropout probability (default 0)")
    private double dropout;

    @Option(names = "--profile", description = "say where the time goes, and how far it is from the machine's matrix products")
    private boolean profile;

    @Mixin
    private SharedOptions shared;
    @Mixin
    private PeerOptions peer;

    /**
     * The options as they were given.
     *
     * @throws org.primer4j.BadInputException naming an option that is out of range or that only the peer has
     */
    public BenchTrainOptions options() {
        peer.refuse(CHECKS);
        String loss = objective != null ? objective : model.startsWith("bart-") ? "seq2seq" : "classify";
        return new BenchTrainOptions(model, method, loss, shared.lengths, batch, steps, warmup, passes, shared.rank, bottleneck, virtualTokens, lr, dropout,
            shared.seed, shared.device(), profile);
    }
}
