package org.primer4j.cli;

import java.util.List;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.peft.BitFit;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.BottleneckAdapter.Placement;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftMethod;
import picocli.CommandLine.Option;

/** What is tuned. */
final class MethodOptions {

    private static final List<String> NAMES = List.of("lora", "houlsby", "pfeiffer", "bitfit", "full");
    private static final Set<String> LAYERS = Set.of("query", "key", "value", "dense", "attention.output.dense", "intermediate.dense",
        "output.dense");

    @Option(names = "--method", paramLabel = "NAME", split = ",", defaultValue = "lora",
        description = "lora, houlsby, pfeiffer, bitfit, full; several with commas (default: ${DEFAULT-VALUE}).")
    private List<String> names;

    @Option(names = "--rank", paramLabel = "N", defaultValue = "8", description = "LoRA's rank (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(names = "--alpha", paramLabel = "X", defaultValue = "16", description = "LoRA's scale (default: ${DEFAULT-VALUE}).")
    private double alpha;

    @Option(names = "--lora-dropout", paramLabel = "P", defaultValue = "0", description = "Dropout on LoRA's input (default: ${DEFAULT-VALUE}).")
    private double loraDropout;

    @Option(names = "--targets", paramLabel = "LAYER", split = ",", defaultValue = "query,value",
        description = "LoRA's layers: query, key, value, dense, ... or all (default: ${DEFAULT-VALUE}).")
    private List<String> targets;

    @Option(names = "--bottleneck", paramLabel = "N", defaultValue = "48", description = "Width of houlsby and pfeiffer (default: ${DEFAULT-VALUE}).")
    private int bottleneck;

    List<PeftMethod> methods() {
        return Valid.distinct("--method", names).stream().map(name -> Valid.of(() -> method(name))).toList();
    }

    private PeftMethod method(String name) {
        return switch (name) {
            case "lora" -> new Lora(rank, alpha, loraDropout, layers());
            case "houlsby" -> new BottleneckAdapter(bottleneck, Placement.HOULSBY);
            case "pfeiffer" -> new BottleneckAdapter(bottleneck, Placement.PFEIFFER);
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
            Valid.require(LAYERS.contains(target), "--targets", target, "all or some of " + String.join(", ", LAYERS.stream().sorted().toList()));
        }
        return Set.copyOf(targets);
    }
}
