package org.primer4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;

/**
 * Runs the engine over a folder of golden files and compares: losses to 2e-6, activations to 5e-6, gradients to 2e-5, relative
 * to the reference's norm; with bf16 weights, to thrice what the file records of PyTorch's bf16. The engine packs sequences without
 * padding, so that what has a row for each token is compared at real tokens only. A case that the engine does not know, or that cannot be read, is a failed result.
 */
public final class Verification {

    private static final Set<String> MODELS = Set.of("bert", "roberta", "bart", "t5", "mt5");
    private static final Set<String> ADAPTERS = Set.of("houlsby", "pfeiffer", "parallel", "bitfit");
    private static final String CONFIG = "config.json";

    private final Path folder;
    private final List<String> cases;
    private final Device device;

    private Verification(Path folder, List<String> cases, Device device) {
        this.folder = folder;
        this.cases = cases;
        this.device = device;
    }

    /**
     * Chooses the cases to run, on the CPU.
     *
     * @param folder with groups of cases, as {@code models/bert}
     * @param globs on the cases' paths, as {@code models/bert*}; none for all cases
     * @throws BadInputException when the folder has no cases or a glob matches none of them
     */
    public static Verification of(Path folder, List<String> globs) {
        return of(folder, globs, Device.cpu());
    }

    /** As {@link #of(Path, List)}, on a given device. */
    public static Verification of(Path folder, List<String> globs, Device device) {
        return new Verification(folder, CaseList.select(folder, globs), device);
    }

    /** Paths of the chosen cases, sorted. */
    public List<String> cases() {
        return cases;
    }

    /**
     * Runs the chosen cases, one after another.
     *
     * @param results told of every comparison
     * @return whether all passed
     */
    public boolean run(Consumer<CaseResult> results) {
        boolean passed = true;
        for (String name : cases) {
            passed &= run(new GoldenCase(folder, name), results);
        }
        return passed;
    }

    // Whatever a broken file makes the engine throw is that case's result; the other cases still run.
    private boolean run(GoldenCase golden, Consumer<CaseResult> results) {
        List<CaseResult> found = new ArrayList<>();
        try {
            check(golden).run(found::add);
        } catch (BadInputException e) {
            found.add(CaseResult.failed(golden.name(), golden.name(), "", e.getMessage()));
        } catch (RuntimeException e) {
            found.add(CaseResult.failed(golden.name(), golden.name(), "", golden.name() + " cannot be run: " + e + "."));
        }
        if (found.isEmpty()) {
            found.add(CaseResult.failed(golden.name(), golden.name(), "", golden.name() + " holds nothing to compare."));
        }
        found.forEach(results);
        return found.stream().allMatch(CaseResult::passed);
    }

    private GoldenCase.Check check(GoldenCase golden) {
        return switch (golden.group()) {
            case "models" -> model(golden);
            case "peft" -> peft(golden);
            case "adapters" -> adapter(golden);
            case "tokenizer" -> new TokenizerCase(golden);
            case "metrics" -> new MetricsCase(golden);
            case "generation" -> generation(golden);
            case "training" -> new TrainingCase(golden, device);
            case "meta" -> new MetaCase(golden, device);
            case "bf16" -> new Bf16Case(golden, device);
            default -> throw unsupported(golden, "the engine has nothing of its kind yet");
        };
    }

    private GoldenCase.Check model(GoldenCase golden) {
        if (BucketsCase.is(golden)) {
            return new BucketsCase(golden);
        }
        if (!Files.isDirectory(golden.path())) {
            throw unsupported(golden, "it is no folder of a model");
        }
        return model(golden, golden.path());
    }

    private GoldenCase.Check generation(GoldenCase golden) {
        if (!Files.exists(golden.path().resolve(CONFIG))) {
            throw unsupported(golden, "it holds no model that reads and writes");
        }
        return new GenerationCase(golden, device);
    }

    private GoldenCase.Check peft(GoldenCase golden) {
        return model(golden, golden.root().resolve(CaseMethod.baseModel(golden)));
    }

    private GoldenCase.Check adapter(GoldenCase golden) {
        String method = CaseMethod.adapterMethod(golden);
        if (!ADAPTERS.contains(method)) {
            throw unsupported(golden, "its method is " + method);
        }
        return model(golden, golden.root().resolve(CaseMethod.baseModel(golden)));
    }

    private GoldenCase.Check model(GoldenCase golden, Path model) {
        Path file = model.resolve(CONFIG);
        JsonNode type = JsonFiles.field(file, JsonFiles.read(file), "model_type");
        if (!MODELS.contains(type.asText())) {
            throw unsupported(golden, "its model_type is " + type.asText());
        }
        return new ModelCase(golden, device);
    }

    private static BadInputException unsupported(GoldenCase golden, String why) {
        return new BadInputException(golden.name() + " is not supported yet: " + why + ".");
    }
}
