package org.primer4j.peft;

import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.model.Weights;
import org.primer4j.model.WrappedAdaptation;
import org.primer4j.model.io.TensorData;
import org.primer4j.random.Philox;

/**
 * A method whose own parameters start from given values, as priming leaves them, and not from those that the method draws.
 *
 * @param start every parameter of the method, by name
 */
public record StartedMethod(PeftMethod method, Map<String, TensorData> start) implements WrappedAdaptation {

    public StartedMethod {
        start = Map.copyOf(start);
    }

    /** @throws BadInputException when there is no such start value, or it has another size */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        TensorData values = start.get(parameter);
        if (values == null || values.size() != (long) rows * cols) {
            throw new BadInputException("The " + method.methodName() + " start values " + (values == null ? "lack '" + parameter + "'"
                : "have " + values.size() + " numbers for '" + parameter + "'") + "; expected " + rows + " x " + cols
                + ", as the method has it with the settings that it was primed with.");
        }
        return values.floats();
    }
}
