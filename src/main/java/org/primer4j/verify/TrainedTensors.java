package org.primer4j.verify;

import org.primer4j.model.ParameterLayout;

/** Tensors while they are trained. */
interface TrainedTensors {

    ParameterLayout layout();

    float[] value(String name);

    /** Its value before the first step. */
    float[] startValue(String name);

    /** Its gradient, summed up for the next step. */
    float[] gradient(String name);
}
