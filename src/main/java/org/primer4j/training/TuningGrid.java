package org.primer4j.training;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;

/**
 * Learning rates and batch sizes to try, and where they come from. Batch sizes are CrossFit's for every method. The study
 * that this project follows (Huang et al., arXiv 2212.01032) is not a source: its text was not at hand when these were
 * chosen. {@code docs/protocol.md} says the same in a table.
 *
 * @param rates learning rates, ascending
 * @param batches rows a step, ascending
 */
public record TuningGrid(List<Double> rates, List<Integer> batches) {

    /** CrossFit's batch sizes (Ye et al. 2021; bsz_list in its example_scripts). */
    public static final List<Integer> CROSSFIT_BATCHES = List.of(2, 4, 8);

    /** CrossFit's grid for fine-tuning (learning_rate_list in its example_scripts). */
    public static final TuningGrid FULL = of(1e-5, 2e-5, 5e-5);

    /** Hu et al. 2021, table 9: 4e-4 and 5e-4 for RoBERTa-base on GLUE. Ours: a factor of about 3 to either side. */
    public static final TuningGrid LORA = of(1e-4, 4e-4, 1e-3);

    /** Houlsby et al. 2019, section 3.2: the three rates swept on GLUE. */
    public static final TuningGrid HOULSBY = of(3e-5, 3e-4, 3e-3);

    /** Pfeiffer et al. 2021 train single-task adapters with 1e-4. Ours: a factor of 3 down, of 10 up, for 16 shots. */
    public static final TuningGrid PFEIFFER = of(3e-5, 1e-4, 1e-3);

    /** He et al. 2022: 5e-5 on XSum with BART-large and 1e-4 on GLUE (run_xsum.sh and run_glue.sh of its code). Ours: 1e-3 as well, for 16 shots. */
    public static final TuningGrid PARALLEL = of(5e-5, 1e-4, 1e-3);

    /**
     * Li and Liang 2021 use about 5e-5 for prefixes that a network makes. Ours are trained directly, which they call less
     * stable, and need larger steps: 1e-3 to 1e-2 is our choice.
     */
    public static final TuningGrid PREFIX = of(1e-3, 3e-3, 1e-2);

    /** Lester et al. 2021 use 0.3 with Adafactor, whose steps scale with the parameters. AdamW's do not: 0.01 to 0.3 is our choice. */
    public static final TuningGrid PROMPT = of(1e-2, 1e-1, 3e-1);

    /** Ben Zaken et al. 2022: BitFit's rates on GLUE reach from 1e-4 to 1e-3. The one between is our choice. */
    public static final TuningGrid BITFIT = of(1e-4, 4e-4, 1e-3);

    /** Liu et al. 2022 (T-Few): 3e-3 for 1,000 steps (configs/ia3.json of its code). Ours: a factor of 3 to either side. */
    public static final TuningGrid IA3 = of(1e-3, 3e-3, 1e-2);

    private static final Map<String, TuningGrid> BY_METHOD = Map.ofEntries(Map.entry("full", FULL), Map.entry("lora", LORA),
        Map.entry("houlsby", HOULSBY), Map.entry("pfeiffer", PFEIFFER), Map.entry("parallel", PARALLEL), Map.entry("prefix", PREFIX),
        Map.entry("slot-prefix", PREFIX), Map.entry("prompt", PROMPT), Map.entry("bitfit", BITFIT), Map.entry("ia3", IA3),
        // Mix-and-match adapters (He et al. 2022), from the same scripts as parallel ones.
        Map.entry("prefix+parallel", PARALLEL), Map.entry("parallel+prefix", PARALLEL));

    /** @throws IllegalArgumentException when there are no rates above 0 or no batch sizes from 1 to {@link TrainingSettings#MOST_BATCH} */
    public TuningGrid {
        rates = List.copyOf(rates);
        batches = List.copyOf(batches);
        if (rates.isEmpty() || batches.isEmpty() || rates.stream().anyMatch(rate -> !(rate > 0))
            || batches.stream().anyMatch(batch -> batch < 1 || batch > TrainingSettings.MOST_BATCH)) {
            throw new IllegalArgumentException("a grid needs learning rates above 0 and batch sizes of 1 to " + TrainingSettings.MOST_BATCH + ", not " + rates
                + " and " + batches);
        }
    }

    private static TuningGrid of(double... rates) {
        return new TuningGrid(Arrays.stream(rates).boxed().toList(), CROSSFIT_BATCHES);
    }

    /**
     * The default grid of a method.
     *
     * @param methodName its name on the command line
     * @throws BadInputException if there is none, as for most combinations
     */
    public static TuningGrid forMethod(String methodName) {
        TuningGrid grid = BY_METHOD.get(methodName);
        if (grid == null) {
            throw new BadInputException("There is no default grid for the method '" + methodName
                + "'; expected learning rates and batch sizes to be given (--rates, --batches).");
        }
        return grid;
    }

    /** The methods that have a default grid. */
    public static Set<String> methods() {
        return BY_METHOD.keySet();
    }
}
