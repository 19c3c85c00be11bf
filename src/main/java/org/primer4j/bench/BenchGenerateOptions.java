package org.primer4j.bench;

import java.util.List;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.model.io.BartConfig;

/**
 * What {@code bench generate} measures; the options of the peer's {@code bench_peft.py generate}.
 *
 * @param model bart-tiny, bart-base or bart-large, with random weights
 * @param method full (no adapter), lora or lora-all
 * @param merge whether LoRA is folded into the weights first
 * @param lengths fixed:SRC/TGT, or a file of "SRC TGT" lines; targets are not read
 * @param batch sources at once
 * @param steps timed batches
 * @param warmup batches before the clock starts
 * @param beams of the search
 * @param newTokens tokens of every output
 * @param rank of LoRA
 * @param seed of weights, token ids and the order of the lengths
 * @param device where, and in what numbers
 */
public record BenchGenerateOptions(String model, String method, boolean merge, String lengths, int batch, int steps, int warmup, int beams,
                                   int newTokens, int rank, int seed, BenchDevice device) {

    private static final OptionChecks CHECKS = new OptionChecks("bench generate");
    private static final List<String> METHODS = List.of("full", "lora", "lora-all");
    private static final List<String> MODELS = List.of("bart-tiny", "bart-base", "bart-large");

    public BenchGenerateOptions {
        CHECKS.oneOf("--model", model, MODELS);
        CHECKS.oneOf("--method", method, METHODS);
        CHECKS.require(!merge || !method.equals("full"), "--merge", true, "it together with --method lora or lora-all");
        CHECKS.between("--batch", batch, 1, OptionChecks.MOST_BATCH);
        CHECKS.work(steps, warmup, batch);
        CHECKS.between("--beams", beams, 1, GenerationSettings.MOST_BEAMS);
        CHECKS.between("--new-tokens", newTokens, 1, BenchShapes.bart(model).maxPositions());
        CHECKS.shared(rank, seed);
        device.check(CHECKS, BenchDevice.DTYPES);
    }

    BartConfig config() {
        return BenchShapes.bart(model);
    }
}
