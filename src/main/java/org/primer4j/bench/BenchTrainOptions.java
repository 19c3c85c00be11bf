package org.primer4j.bench;

import java.util.List;

/**
 * What {@code bench train} measures. Names and defaults are those of the peer's {@code bench_peft.py train}.
 *
 * @param model shape of a model with random weights: minilm (all-MiniLM-L6-v2), bart-tiny, bart-base or bart-large
 * @param method lora (query, value), lora-all, adapter, prefix, prompt, ia3, bitfit or full; the first two, adapter, bitfit and full for minilm
 * @param objective seq2seq for BART; classify (reads the first text of each row) or contrastive (reads both) for minilm
 * @param lengths {@code fixed:S/T}, or a file with {@code S T} tokens on each line
 * @param batch rows of a batch
 * @param steps timed steps
 * @param warmup steps before the clock starts
 * @param passes how often the timed steps are run; each counts with its fastest time
 * @param rank of LoRA
 * @param bottleneck width of the adapters
 * @param virtualTokens of prefix and prompt
 * @param lr learning rate
 * @param dropout probability on embeddings and block outputs
 * @param seed of weights, token ids and the order of the lengths
 * @param device where, and in what numbers
 * @param profile whether the result also says where the time goes
 */
public record BenchTrainOptions(String model, String method, String objective, String lengths, int batch, int steps, int warmup,
                                int passes, int rank, int bottleneck, int virtualTokens, double lr, double dropout, int seed, BenchDevice device,
                                boolean profile) {

    private static final OptionChecks CHECKS = new OptionChecks("bench train");
    private static final String BART = "bart-";
    /** Half of BART's positions: texts have the others. */
    private static final int MOST_VIRTUAL = 512;
    private static final List<String> METHODS = List.of("lora", "lora-all", "adapter", "prefix", "prompt", "ia3", "bitfit", "full");
    private static final List<String> ENCODER_METHODS = List.of("lora", "lora-all", "adapter", "bitfit", "full");

    public BenchTrainOptions {
        CHECKS.oneOf("--model", model, List.of("minilm", "bart-tiny", "bart-base", "bart-large"));
        boolean writes = model.startsWith(BART);
        CHECKS.oneOf("--method", method, writes ? METHODS : ENCODER_METHODS);
        CHECKS.oneOf("--objective", objective, writes ? List.of("seq2seq") : List.of("classify", "contrastive"));
        CHECKS.between("--batch", batch, 1, OptionChecks.MOST_BATCH);
        CHECKS.work(steps, warmup, batch);
        CHECKS.between("--passes", passes, 1, OptionChecks.MOST);
        CHECKS.between("--bottleneck", bottleneck, 1, OptionChecks.MOST);
        CHECKS.between("--virtual-tokens", virtualTokens, 1, MOST_VIRTUAL);
        CHECKS.shared(rank, seed);
        device.check(CHECKS, BenchDevice.DTYPES);
        CHECKS.positive("--lr", lr);
        CHECKS.require(dropout >= 0 && dropout < 1, "--dropout", dropout, "a probability in [0, 1)");
    }

    /** Whether the model writes. */
    boolean isSeq2Seq() {
        return model.startsWith(BART);
    }

    /** Texts of a row that the objective reads. */
    int textsPerRow() {
        return objective.equals("classify") ? 1 : 2;
    }
}
