package org.primer4j.cli;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.primer4j.BadInputException;
import org.primer4j.peft.AttentionSite;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.BottleneckAdapter.Placement;
import org.primer4j.peft.Combination;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.ParallelAdapter;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;
import picocli.CommandLine.Option;

/** What is tuned. */
final class MethodOptions {

    private static final List<String> NAMES = List.of("lora", "houlsby", "pfeiffer", "parallel", "prefix", "prompt", "ia3", "bitfit", "full");

    @Option(names = "--method", paramLabel = "NAME", split = ",", defaultValue = "lora",
        description = "lora, houlsby, pfeiffer, parallel, prefix, prompt, ia3, bitfit, full; several with commas, each tuned by itself; with +"
            + " together, as prefix+parallel, the mix-and-match adapter of He et al. 2022 (default: ${DEFAULT-VALUE}).")
    private List<String> names;

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

    @Option(names = "--bottleneck", paramLabel = "N", defaultValue = "48",
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

    /** One method for each name. */
    List<PeftMethod> methods() {
        return Valid.distinct("--method", names).stream().map(name -> Valid.of(() -> combined(name))).toList();
    }

    private PeftMethod combined(String name) {
        List<PeftMethod> parts = Arrays.stream(name.split("\\+", -1)).map(this::method).toList();
        return parts.size() == 1 ? parts.get(0) : new Combination(parts);
    }

    private PeftMethod method(String name) {
        return switch (name) {
            case "lora" -> new Lora(rank, alpha, loraDropout, layers(), rankStabilised);
            case "houlsby" -> new BottleneckAdapter(bottleneck, Placement.HOULSBY);
            case "pfeiffer" -> new BottleneckAdapter(bottleneck, Placement.PFEIFFER);
            case "parallel" -> new ParallelAdapter(bottleneck, parallelScale);
            case "prefix" -> new PrefixTuning(prefixLength, sites());
            case "prompt" -> new PromptTuning(promptLength);
            case "ia3" -> Ia3.standard();
            case "bitfit" -> new BitFit();
            case "full" -> new FullTuning(true);
            default -> throw new BadInputException("There is no method '" + name + "'; expected one of " + String.join(", ", NAMES) + ".");
        };
    }

    private Set<String> layers() {
        if (targets.equals(List.of("all"))) {
            return Set.of();
        }
        for (String target : targets) {
            Valid.require(Lora.TARGETS.contains(target), "--targets", target, "all or some of " + String.join(", ", Lora.TARGETS));
        }
        return Set.copyOf(targets);
    }

    private Set<AttentionSite> sites() {
        return Valid.distinct("--prefix-sites", prefixSites).stream().map(MethodOptions::site).collect(Collectors.toSet());
    }

    private static AttentionSite site(String name) {
        return EnumSet.allOf(AttentionSite.class).stream().filter(site -> site.option().equals(name)).findFirst().orElseThrow(() ->
            new BadInputException("--prefix-sites is " + name + "; expected some of encoder, decoder, cross."));
    }
}
