package org.primer4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.priming.Algorithm;
import org.primer4j.priming.Recipe;
import org.primer4j.priming.Tunables;
import org.primer4j.training.TuningChoice.Protocol;
import picocli.CommandLine.Option;

/** How a model is primed: algorithm, what moves, a protocol, and what differs from it. What the algorithm does not have is refused. */
final class PrimingOptions {

    @Option(names = "--algorithm", paramLabel = "NAME", defaultValue = "mtl",
        description = "mtl (multi-task), maml (exact second order), fomaml, reptile or anil (default: ${DEFAULT-VALUE}).")
    private String algorithm;

    @Option(names = "--tune", paramLabel = "WHAT", defaultValue = "plm",
        description = "What priming moves: plm, peft (start values of --method) or both (default: ${DEFAULT-VALUE}).")
    private String tune;

    @Option(names = "--inner", paramLabel = "WHAT",
        description = "What adapts to a task in meta-learning: plm, peft or both (default: as --tune; peft for both, but both for reptile).")
    private String inner;

    @Option(names = "--protocol", paramLabel = "NAME", defaultValue = "quick",
        description = "${COMPLETION-CANDIDATES}: what the options below default to; docs/priming.md has the numbers (default: ${DEFAULT-VALUE}).")
    private Protocol protocol;

    @Option(names = "--steps", paramLabel = "N", description = "Outer steps (default: mtl 1200, others 300; crossfit 17450 and 6000).")
    private Integer steps;

    @Option(names = "--batch", paramLabel = "N", description = "Rows a step, mtl only (default: 16; crossfit 32).")
    private Integer batch;

    @Option(names = "--tasks-per-step", paramLabel = "N", description = "Tasks a step, not for mtl (default: 4).")
    private Integer tasksPerStep;

    @Option(names = {"--rate", "--outer-rate"}, paramLabel = "X",
        description = "Learning rate; reptile's first share of the way (default: 1e-4, reptile 1; crossfit mtl 3e-5, others 1e-5).")
    private Double rate;

    @Option(names = "--warmup", paramLabel = "X", description = "Share of the steps in which the rate rises (default: 0.06, reptile 0).")
    private Double warmup;

    @Option(names = "--dropout", paramLabel = "P", description = "Dropout in the model, mtl only: meta-learning has none, of LoRA neither (default: 0.1).")
    private Double dropout;

    @Option(names = "--decay", paramLabel = "X", description = "Weight decay, not for reptile (default: 0.01).")
    private Double decay;

    @Option(names = "--clip", paramLabel = "X", description = "Largest gradient norm, 0 for none, not for reptile (default: 1, crossfit 0.1).")
    private Double clip;

    @Option(names = "--embeddings", negatable = true, fallbackValue = "true",
        description = "Whether the embedding tables move as well (default: true for a model that writes and with crossfit, else false).")
    private Boolean embeddings;

    @Option(names = "--inner-steps", paramLabel = "N", description = "Gradient steps on a task (default: 1; fomaml and reptile 4).")
    private Integer innerSteps;

    @Option(names = "--inner-rate", paramLabel = "X", description = "Learning rate of these (default: 3e-5, reptile 1e-5).")
    private Double innerRate;

    @Option(names = "--inner-batch", paramLabel = "N", description = "Rows of these, and of the query (default: 16, fomaml 32).")
    private Integer innerBatch;

    @Option(names = "--multi-step-loss", description = "The query loss after every inner step counts (MAML++), maml and anil only.")
    private Boolean multiStepLoss;

    @Option(names = "--learn-inner-rates", description = "Learn an inner rate for each tensor (MAML++), in steps as long as --rate: choose --inner-rate well"
        + " above that; maml and anil only.")
    private Boolean learnInnerRates;

    @Option(names = "--validate-every", paramLabel = "N",
        description = "Steps between looks at dev tasks; the best step is kept, without looks the last (default: 0 for none; crossfit 150, mtl 0).")
    private Integer validateEvery;

    @Option(names = "--patience", paramLabel = "N", description = "Looks without a better dev score after which priming ends (default: 0 for never).")
    private Integer patience;

    @Option(names = "--validation-steps", paramLabel = "N", description = "Steps of tuning on a dev task (default: 32).")
    private Integer validationSteps;

    @Option(names = "--validation-rate", paramLabel = "X", description = "Learning rate of that (default: the middle one of the method's grid).")
    private Double validationRate;

    @Option(names = "--validation-batch", paramLabel = "N", description = "Rows a step of that (default: 8).")
    private Integer validationBatch;

    /** @param writes whether the model writes its answers */
    Recipe recipe(boolean writes) {
        Recipe defaults = Valid.of(this::defaults);
        Map<String, Object> given = given(defaults);
        if (protocol == Protocol.quick) {
            given.putIfAbsent("embeddings", writes);
        }
        return Valid.of(() -> defaults.with(given));
    }

    private Recipe defaults() {
        Algorithm chosen = Algorithm.of(algorithm);
        Tunables outer = Tunables.of(tune);
        Tunables adapted = inner == null ? null : Tunables.of(inner);
        return protocol == Protocol.crossfit ? Recipe.crossFit(chosen, outer, adapted) : Recipe.quick(chosen, outer, adapted);
    }

    private Map<String, Object> given(Recipe recipe) {
        Map<String, Object> given = new LinkedHashMap<>();
        options().forEach((option, value) -> {
            String setting = setting(option);
            if (value != null && !recipe.hasSetting(setting)) {
                throw new BadInputException(option + " is nothing that --algorithm " + algorithm + " has; leave it out.");
            }
            if (value != null) {
                given.put(setting, value);
            }
        });
        requireInRange();
        requireLooks(recipe);
        return given;
    }

    // Every option with what stands on the command line, null where it does not.
    private Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("--steps", steps);
        options.put("--batch", batch);
        options.put("--tasks-per-step", tasksPerStep);
        options.put("--rate", rate);
        options.put("--warmup", warmup);
        options.put("--dropout", dropout);
        options.put("--decay", decay);
        options.put("--clip", clip);
        options.put("--embeddings", embeddings);
        options.put("--inner-steps", innerSteps);
        options.put("--inner-rate", innerRate);
        options.put("--inner-batch", innerBatch);
        options.put("--multi-step-loss", multiStepLoss);
        options.put("--learn-inner-rates", learnInnerRates);
        options.put("--validate-every", validateEvery);
        options.put("--patience", patience);
        options.put("--validation-steps", validationSteps);
        options.put("--validation-rate", validationRate);
        options.put("--validation-batch", validationBatch);
        return options;
    }

    // The setting's name in a recipe.
    private static String setting(String option) {
        return switch (option) {
            case "--rate" -> "learning_rate";
            case "--decay" -> "weight_decay";
            default -> option.substring(2).replace('-', '_');
        };
    }

    // How to look at dev tasks is a mistake where nobody does.
    private void requireLooks(Recipe recipe) {
        if (validateEvery == null ? recipe.validation().isOn() : validateEvery > 0) {
            return;
        }
        options().forEach((option, value) -> {
            if (value != null && option.startsWith("--validation-")) {
                throw new BadInputException(option + " is given, but dev tasks are never looked at; leave it out, or give --validate-every.");
            }
        });
    }

    private void requireInRange() {
        if (rate != null) {
            Valid.positive("--rate", rate);
        }
        if (dropout != null) {
            Valid.probability("--dropout", dropout);
        }
        if (decay != null) {
            Valid.notNegative("--decay", decay);
        }
        if (clip != null) {
            Valid.notNegative("--clip", clip);
        }
    }
}
