package org.primer4j.model;

import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Prefix;
import org.primer4j.random.Philox;

/** An adaptation that is another one but for what it overrides. */
public interface WrappedAdaptation extends Adaptation {

    /** The one that is asked. */
    Adaptation method();

    @Override
    default boolean trains(String tensor) {
        return method().trains(tensor);
    }

    @Override
    default boolean shares(String tensor) {
        return method().shares(tensor);
    }

    @Override
    default Value linear(Layers layers, String name, Value x, int out) {
        return method().linear(layers, name, x, out);
    }

    @Override
    default Value blockOutput(Layers layers, String site, Value input, Value h) {
        return method().blockOutput(layers, site, input, h);
    }

    @Override
    default Prefix prefix(Layers layers, String site, int d) {
        return method().prefix(layers, site, d);
    }

    @Override
    default Value prompt(Layers layers, int d) {
        return method().prompt(layers, d);
    }

    @Override
    default int promptLength() {
        return method().promptLength();
    }

    @Override
    default int positionShift(String stack) {
        return method().positionShift(stack);
    }

    @Override
    default float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return method().initial(parameter, rows, cols, model, random);
    }
}
