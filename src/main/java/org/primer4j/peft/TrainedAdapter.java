package org.primer4j.peft;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.TensorData;

/**
 * What tuning leaves: everything that was trained, apart from the model it was trained on.
 *
 * @param method how it was trained
 * @param baseModel name or path of the model it belongs to
 * @param tensors all trained tensors by name without the model's prefix, those of an objective's head included
 * @param extras what else its user needs as JSON: task, labels, settings of the objective
 */
public record TrainedAdapter(PeftMethod method, String baseModel, Map<String, TensorData> tensors, Map<String, Object> extras) {

    private static final Pattern VECTOR = Pattern.compile(".*\\.bias|.*(LayerNorm|layer_norm|layernorm_embedding)\\.weight");

    /** @throws IllegalArgumentException when there are no tensors */
    public TrainedAdapter {
        if (tensors.isEmpty()) {
            throw new IllegalArgumentException("an adapter without tensors");
        }
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        extras = Collections.unmodifiableMap(new LinkedHashMap<>(extras));
    }

    /** A copy of a lane's parameters. */
    public static TrainedAdapter of(PeftMethod method, String baseModel, Parameters parameters, int lane, Map<String, Object> extras) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            tensors.put(entry.name(), TensorData.of(shape(entry), parameters.read(lane, entry.name())));
        }
        return new TrainedAdapter(method, baseModel, tensors, extras);
    }

    /** A tensor's shape in a file: biases and LayerNorm's scales are vectors there and matrices of one row in a graph. */
    public static long[] shape(ParameterLayout.Entry entry) {
        String name = entry.name();
        return VECTOR.matcher(name).matches() ? new long[] {entry.cols()} : new long[] {entry.rows(), entry.cols()};
    }

    /**
     * Makes this adapter a lane's parameters.
     *
     * @throws BadInputException when its tensors are not exactly those that the model and the method ask for
     */
    public void writeTo(Parameters parameters, int lane) {
        requireMatches(parameters.layout());
        tensors.forEach((name, tensor) -> parameters.write(lane, name, tensor.floats()));
    }

    private void requireMatches(ParameterLayout layout) {
        Map<String, long[]> expected = new LinkedHashMap<>();
        layout.entries().forEach(entry -> expected.put(entry.name(), shape(entry)));
        expected.forEach((name, shape) -> {
            if (!tensors.containsKey(name)) {
                throw mismatch("has no tensor '" + name + "'; expected one of shape " + Arrays.toString(shape));
            }
            if (!Arrays.equals(shape, tensors.get(name).shape())) {
                throw mismatch("has tensor '" + name + "' of shape " + Arrays.toString(tensors.get(name).shape()) + "; expected "
                    + Arrays.toString(shape));
            }
        });
        tensors.keySet().stream().filter(name -> !expected.containsKey(name)).findFirst().ifPresent(name -> {
            throw mismatch("has tensor '" + name + "', which this model does not have; expected an adapter that was tuned on it");
        });
    }

    private BadInputException mismatch(String what) {
        return new BadInputException("The " + method.methodName() + " adapter of " + baseModel + " " + what + ".");
    }
}
