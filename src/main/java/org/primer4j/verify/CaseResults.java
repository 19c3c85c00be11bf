package org.primer4j.verify;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorInfo;

/**
 * Compares a run with the references of a file: every {@code out.*} and every {@code d_*} there, and every gradient that the engine has.
 * The engine packs sequences without padding, so that what has a row for each token is compared at the real tokens only.
 */
record CaseResults(GoldenCase at, SafetensorsFile golden, PretrainedFolder model, CaseGraph graph, CaseMethod method,
        CaseRun run) {

    /** Before the gradients that count the lookups of padding tokens, which torch leaves out and the engine does not. */
    private static final String TRUE_GRADIENT = "no_padding_idx.d_";

    private static final String OUTPUT = "out.";
    private static final String GRADIENT = "d_";
    private static final String LOSS = "loss";
    private static final String COUNT = "trainable_parameters";

    void report(Consumer<CaseResult> results) {
        if (!at.group().equals("models")) {
            results.accept(count());
        }
        golden.names().stream().filter(name -> name.startsWith(OUTPUT)).sorted().map(this::output).forEach(results);
        Map<String, String> references = references();
        double floor = Comparison.floor(references.values().stream().map(golden::doubles).toList());
        Map<String, float[]> gradients = method.named(at, model, run.gradients());
        references.forEach((plain, name) -> results.accept(gradient(gradients.get(plain), plain, name, floor)));
        gradients.keySet().stream().filter(plain -> !references.containsKey(plain))
            .forEach(plain -> results.accept(failed(GRADIENT + plain, "the file has no gradient of " + plain + ", which is trained.")));
    }

    private CaseResult count() {
        long expected = CaseMethod.trainable(at);
        long found = run.gradients().values().stream().mapToLong(gradient -> gradient.length).sum();
        return CaseResult.compared(at.file(CaseMethod.SETTINGS), at.name(), COUNT, Math.abs(found - expected) / (double) expected, 0);
    }

    private CaseResult output(String name) {
        String plain = name.substring(OUTPUT.length());
        float[] actual = run.outputs().get(plain);
        if (actual == null) {
            return failed(name, "the engine does not compute " + name + ".");
        }
        double tolerance = plain.equals(LOSS) ? Comparison.LOSS : Comparison.ACTIVATIONS;
        return compare(name, actual, real(golden.info(name), plain), 0, tolerance);
    }

    /** The numbers of a reference without padded rows. */
    private double[] real(TensorInfo info, String output) {
        double[] all = golden.doubles(info.name());
        int[] rows = graph.realRows(output);
        if (rows == null) {
            return all;
        }
        int d = (int) info.shape()[info.shape().length - 1];
        double[] real = new double[rows.length * d];
        for (int t = 0; t < rows.length; t++) {
            System.arraycopy(all, rows[t] * d, real, t * d, d);
        }
        return real;
    }

    private CaseResult gradient(float[] actual, String plain, String name, double floor) {
        return actual == null ? failed(name, "the engine has no gradient of " + plain + ".")
            : compare(name, actual, golden.doubles(name), floor, Comparison.GRADIENTS);
    }

    /** Names of gradients in the file by the plain name of what they belong to. */
    private Map<String, String> references() {
        Map<String, String> references = new LinkedHashMap<>();
        golden.names().stream().filter(name -> name.startsWith(GRADIENT)).sorted().forEach(name -> {
            String tensor = name.substring(GRADIENT.length());
            String whole = TRUE_GRADIENT + tensor;
            references.put(CaseMethod.plain(model, tensor),
                golden.names().contains(whole) ? whole : name);
        });
        return references;
    }

    private CaseResult compare(String name, float[] actual, double[] expected, double floor, double tolerance) {
        if (actual.length != expected.length) {
            return failed(name, "the engine computed " + actual.length + " numbers for " + name + "; expected " + expected.length + ".");
        }
        double[] widened = new double[actual.length];
        Arrays.setAll(widened, i -> actual[i]);
        return CaseResult.compared(at.file(ModelCase.GOLDEN), at.name(), name, Comparison.error(widened, expected, floor), tolerance);
    }

    private CaseResult failed(String name, String problem) {
        return CaseResult.failed(at.file(ModelCase.GOLDEN), at.name(), name, problem);
    }
}
