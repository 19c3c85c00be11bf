package org.primer4j.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.TensorData;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingProgram;

/**
 * What the engine computed for a model's golden case, through the same training program as every run.
 *
 * @param outputs by name without {@code out.}; rows of tokens without padding
 * @param gradients of the loss by every trained tensor, by name without the model's prefix
 */
record CaseRun(Map<String, float[]> outputs, Map<String, float[]> gradients) {

    private static final Optimizer NONE = new Optimizer.Sgd(0, 0);

    /**
     * Runs forward and backward pass.
     *
     * @param tensors the model's
     * @param added tensors that the method added to the model
     * @throws BadInputException when they are not exactly those that the method has on this model
     */
    static CaseRun of(CaseGraph model, Map<String, TensorData> tensors, Map<String, TensorData> added, Device device) {
        ParameterLayout layout = new ParameterLayout(model.graph().leaves(Leaf.Kind.PARAMETER));
        try (Weights weights = new Weights(device, tensors); Parameters parameters = new Parameters(device, layout, 1)) {
            set(parameters, tensors, added);
            try (TrainingProgram program = TrainingProgram.compile(model.graph(), model.loss(), NONE, weights, parameters, device)) {
                model.write(program.program());
                program.accumulate(true);
                return new CaseRun(outputs(model.graph(), program.program()), gradients(parameters));
            }
        }
    }

    private static void set(Parameters parameters, Map<String, TensorData> model, Map<String, TensorData> added) {
        for (String name : added.keySet()) {
            if (parameters.layout().entries().stream().noneMatch(entry -> entry.name().equals(name))) {
                throw new BadInputException("found the tensor '" + name + "', which the method does not have on this model.");
            }
        }
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            TensorData tensor = added.getOrDefault(entry.name(), model.get(entry.name()));
            if (tensor == null || tensor.size() != entry.size()) {
                throw new BadInputException("found no tensor '" + entry.name() + "' of shape [" + entry.rows() + ", " + entry.cols()
                    + "], which the method needs on this model.");
            }
            parameters.write(0, entry.name(), tensor.floats());
        }
    }

    private static Map<String, float[]> outputs(Graph graph, Program program) {
        Map<String, float[]> outputs = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> outputs.put(name, read(program, value)));
        return outputs;
    }

    // The axes' capacities are the batch's sizes: every row is there.
    private static float[] read(Program program, Value value) {
        float[] numbers = new float[Math.toIntExact(value.shape().elements(1))];
        program.read(value, numbers);
        return numbers;
    }

    private static Map<String, float[]> gradients(Parameters parameters) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        parameters.layout().entries().forEach(entry ->
            gradients.put(entry.name(), parameters.read(Parameters.GRADIENTS, 0, entry.name())));
        return gradients;
    }
}
