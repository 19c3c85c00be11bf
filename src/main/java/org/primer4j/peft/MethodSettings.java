package org.primer4j.peft;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.peft.BottleneckAdapter.Placement;

/**
 * The settings of all methods together, as a command line or an experiment's file gives them; each method takes its own.
 *
 * @param rank           LoRA's rank
 * @param alpha          LoRA's scale, over the rank
 * @param rankStabilised LoRA's scale over the rank's square root (Kalajdzievski 2023)
 * @param loraDropout    dropout on LoRA's input
 * @param targets        LoRA's layers, {@code all} or some of {@link Lora#TARGETS}
 * @param bottleneck     width of houlsby, pfeiffer and parallel
 * @param parallelScale  factor of parallel's output
 * @param prefixLength   virtual tokens of a prefix
 * @param prefixSites    attentions with a prefix: encoder, decoder, cross
 * @param promptLength   virtual tokens of a prompt
 */
public record MethodSettings(int rank, double alpha, boolean rankStabilised, double loraDropout, List<String> targets, int bottleneck,
                             double parallelScale, int prefixLength, List<String> prefixSites, int promptLength) {

    /** The largest rank, width or length: beyond what any model's layers have. */
    public static final int MOST = 1 << 16;

    /** The methods' names; several with + between them are trained together. */
    public static final List<String> NAMES = List.of("lora", "houlsby", "pfeiffer", "parallel", "prefix", "prompt", "ia3", "bitfit", "full");

    /** @throws IllegalArgumentException if a rank, width or length is above {@link #MOST} */
    public MethodSettings {
        atMost("rank", rank);
        atMost("bottleneck", bottleneck);
        atMost("prefix length", prefixLength);
        atMost("prompt length", promptLength);
    }

    private static void atMost(String name, int found) {
        if (found > MOST) {
            throw new IllegalArgumentException("the " + name + " is " + found + "; expected at most " + MOST);
        }
    }

    /**
     * The method, or combination, of a name.
     *
     * @throws BadInputException        if there is no such method, or a word among its settings is unknown
     * @throws IllegalArgumentException if a setting is out of range
     */
    public PeftMethod method(String name) {
        List<PeftMethod> parts = Arrays.stream(name.split("\\+", -1)).map(this::single).toList();
        return parts.size() == 1 ? parts.get(0) : new Combination(parts);
    }

    private PeftMethod single(String name) {
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
            if (!Lora.TARGETS.contains(target)) {
                throw new BadInputException("--targets is " + target + "; expected all or some of " + String.join(", ", Lora.TARGETS) + ".");
            }
        }
        return Set.copyOf(targets);
    }

    private Set<AttentionSite> sites() {
        Set<AttentionSite> sites = new LinkedHashSet<>();
        for (String name : prefixSites) {
            if (!sites.add(site(name))) {
                throw new BadInputException("--prefix-sites is " + prefixSites + "; expected each value once, but " + name + " stands there twice.");
            }
        }
        return sites;
    }

    private static AttentionSite site(String name) {
        return EnumSet.allOf(AttentionSite.class).stream().filter(site -> site.option().equals(name)).findFirst().orElseThrow(() ->
            new BadInputException("--prefix-sites is " + name + "; expected some of encoder, decoder, cross."));
    }
}
