package org.primer4j.cli;

import java.util.List;
import org.primer4j.peft.MethodSettings;
import org.primer4j.peft.PeftMethod;
import picocli.CommandLine.Option;

/** The settings of methods; each method takes its own. */
final class MethodSettingOptions {

    /** The options' names. */
    static final List<String> NAMES = List.of("--rank", "--alpha", "--rslora", "--lora-dropout", "--targets", "--bottleneck", "--parallel-scale",
        "--prefix-length", "--prefix-sites", "--prompt-length");

    @Option(names = "--rank", paramLabel = "N", defaultValue = "8",
        description = "LoRA's rank (default: ${DEFAULT-VALUE}, as in the peft library).")
    private int rank;

    @Option(names = "--alpha", paramLabel = "X", defaultValue = "16",
        description = "LoRA's scale, over the rank (default: ${DEFAULT-VALUE}, twice the default rank).")
    private double alpha;

    @Option(names = "--rslora", description = "LoRA's scale over the rank's square root (Kalajdzievski 2023).")
    private boolean rankStabilised;

    @Option(names = "--lora-dropout", paramLabel = "P", defaultValue = "0", description = "Dropout on LoRA's input (default: ${DEFAULT-VALUE}).")
    private double loraDropout;

    @Option(names = "--targets", paramLabel = "LAYER", split = ",", defaultValue = "query,value",
        description = "LoRA's layers, by BERT's names query, key, value for every model, by the model's own (fc1, wo, ...), or all"
            + " (default: ${DEFAULT-VALUE}, Hu et al. 2021).")
    private List<String> targets;

    @Option(names = "--bottleneck", paramLabel = "N", defaultValue = "64",
        description = "Width of houlsby, pfeiffer and parallel (default: ${DEFAULT-VALUE}).")
    private int bottleneck;

    @Option(names = "--parallel-scale", paramLabel = "X", defaultValue = "4",
        description = "Factor of parallel's output (default: ${DEFAULT-VALUE}, He et al. 2022).")
    private double parallelScale;

    @Option(names = "--prefix-length", paramLabel = "N", defaultValue = "30",
        description = "Virtual tokens of a prefix (default: ${DEFAULT-VALUE}, He et al. 2022).")
    private int prefixLength;

    @Option(names = "--prefix-sites", paramLabel = "SITE", split = ",", defaultValue = "encoder,decoder,cross",
        description = "Attentions with a prefix: encoder, decoder, cross, as far as the model has them (default: ${DEFAULT-VALUE},"
            + " Li and Liang 2021).")
    private List<String> prefixSites;

    @Option(names = "--prompt-length", paramLabel = "N", defaultValue = "100",
        description = "Virtual tokens of a prompt (default: ${DEFAULT-VALUE}, Lester et al. 2021).")
    private int promptLength;

    /** The method, or combination, of a name. */
    PeftMethod method(String name) {
        return Valid.of(() -> new MethodSettings(rank, alpha, rankStabilised, loraDropout, targets, bottleneck, parallelScale, prefixLength, prefixSites,
            promptLength).method(name));
    }
}
