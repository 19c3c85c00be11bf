package org.primer4j.verify;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.primer4j.BadInputException;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;

/** Compares training with the references of a file, and refuses a reference that was not compared. */
record TrainingResults(GoldenCase at, SafetensorsFile golden, PretrainedFolder model, Consumer<CaseResult> results) {

    private static final String FINAL = "final.";
    private static final String PEFT = "base_model.model.";
    private static final double PARAMETERS = 1e-6;
    private static final double UPDATES = 1e-3;
    private static final double RATES = 1e-12;

    /** Whether the file says where training ended. */
    boolean holdFinalValues() {
        return golden.names().stream().anyMatch(name -> name.startsWith(FINAL));
    }

    /** Steps that the file holds the losses of. */
    int steps(String losses) {
        return golden.doubles(losses).length;
    }

    /** Compares what was written down of the steps; {@code rates} is empty where the file has none. */
    void logs(double[] losses, double[] norms, double[] rates) {
        losses("out.loss", losses);
        compare("out.grad_norm", norms, 0, Comparison.GRADIENTS);
        if (rates.length > 0) {
            compare("out.lr", rates, 0, RATES);
        }
    }

    /**
     * Compares the trained parameters, and how far they moved.
     *
     * @param adamw whether the optimizer divides by the gradient's size: then a key's bias, whose gradient is rounding noise, is
     *     moved by noise and not compared
     */
    void parameters(TrainedTensors run, boolean adamw) {
        double floor = Comparison.floor(movements(run));
        for (ParameterLayout.Entry entry : run.layout().entries()) {
            if (adamw && entry.name().endsWith(".k_proj.bias")) {
                continue;
            }
            String name = reference(FINAL, entry.name());
            if (name == null) {
                failed(FINAL + entry.name(), "the file has no final values of " + entry.name() + ", which is trained");
                continue;
            }
            double[] actual = widen(run.value(entry.name()));
            compare(name, actual, 0, PARAMETERS);
            moved(name, actual, widen(run.startValue(entry.name())), floor);
        }
        requireAll(FINAL, run.layout());
    }

    /** Compares what inner steps made of those tensors that the file names, and how far they moved them. */
    void movedInside(String prefix, MetaRun run) {
        List<String> names = golden.names().stream().filter(name -> name.startsWith(prefix)).sorted().toList();
        double floor = Comparison.floor(names.stream().map(name -> minus(golden.doubles(name), start(run, prefix, name))).toList());
        for (String name : names) {
            double[] actual = widen(run.innerValue(plain(name.substring(prefix.length()))));
            compare(name, actual, 0, PARAMETERS);
            moved(name, actual, start(run, prefix, name), floor);
        }
    }

    private double[] start(MetaRun run, String prefix, String name) {
        return widen(run.startValue(plain(name.substring(prefix.length()))));
    }

    private List<double[]> movements(TrainedTensors run) {
        return run.layout().entries().stream().filter(this::hasReference).map(entry ->
            minus(golden.doubles(reference(FINAL, entry.name())), widen(run.startValue(entry.name())))).toList();
    }

    private boolean hasReference(ParameterLayout.Entry entry) {
        String name = reference(FINAL, entry.name());
        return name != null && golden.doubles(name).length == entry.size();
    }

    private void moved(String name, double[] actual, double[] start, double floor) {
        double[] expected = golden.doubles(name);
        if (expected.length == actual.length) {
            double error = Comparison.error(minus(actual, start), minus(expected, start), floor);
            results.accept(CaseResult.compared(file(), at.name(), name + " - start", error, UPDATES));
        }
    }

    /** Compares the gradients that were summed up. */
    void gradients(String prefix, TrainedTensors run) {
        tensors(prefix, run.layout(), run::gradient);
    }

    /**
     * Compares what belongs to each tensor of a layout, to the tolerance of gradients.
     *
     * @param values by the tensor's name
     */
    void tensors(String prefix, ParameterLayout layout, Function<String, float[]> values) {
        List<double[]> references = golden.names().stream().filter(name -> name.startsWith(prefix)).map(golden::doubles).toList();
        double floor = Comparison.floor(references);
        for (ParameterLayout.Entry entry : layout.entries()) {
            String name = reference(prefix, entry.name());
            if (name == null) {
                failed(prefix + entry.name(), "the file has no " + prefix + entry.name() + ", which is trained");
            } else {
                compare(name, widen(values.apply(entry.name())), floor, Comparison.GRADIENTS);
            }
        }
        requireAll(prefix, layout);
    }

    /** Compares losses. */
    void losses(String name, double[] losses) {
        compare(name, losses, 0, Comparison.LOSS);
    }

    /** Numbers that the file holds for a tensor of the engine. */
    float[] given(String prefix, String tensor) {
        String name = reference(prefix, tensor);
        if (name == null) {
            throw new BadInputException(at.root().resolve(file()) + ": found no tensor '" + prefix + tensor + "'; expected a part of the case.");
        }
        double[] numbers = golden.doubles(name);
        float[] narrow = new float[numbers.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) numbers[i];
        }
        return narrow;
    }

    private void requireAll(String prefix, ParameterLayout layout) {
        golden.names().stream().filter(name -> name.startsWith(prefix)).filter(name -> layout.entries().stream()
            .noneMatch(entry -> plain(name.substring(prefix.length())).equals(entry.name()))).sorted()
            .forEach(name -> failed(name, "the engine does not train " + name));
    }

    private String reference(String prefix, String plain) {
        return golden.names().stream().filter(name -> name.startsWith(prefix) && plain(name.substring(prefix.length())).equals(plain)).findFirst()
            .orElse(null);
    }

    private String plain(String tensor) {
        return model.plainName(tensor.startsWith(PEFT) ? tensor.substring(PEFT.length()) : tensor);
    }

    private void compare(String name, double[] actual, double floor, double tolerance) {
        double[] expected = golden.doubles(name);
        if (expected.length != actual.length) {
            failed(name, "the engine computed " + actual.length + " numbers for " + name + "; expected " + expected.length);
            return;
        }
        results.accept(CaseResult.compared(file(), at.name(), name, Comparison.error(actual, expected, floor), tolerance));
    }

    private void failed(String name, String problem) {
        results.accept(CaseResult.failed(file(), at.name(), name, problem + "."));
    }

    private String file() {
        return at.name() + ".safetensors";
    }

    private static double[] widen(float[] values) {
        double[] widened = new double[values.length];
        Arrays.setAll(widened, i -> values[i]);
        return widened;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return difference;
    }
}
