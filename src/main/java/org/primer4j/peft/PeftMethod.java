package org.primer4j.peft;

import org.primer4j.model.Adaptation;

/** A method of parameter-efficient tuning, or full tuning: a small immutable record. */
public sealed interface PeftMethod extends Adaptation permits Lora, BottleneckAdapter, BitFit, FullTuning {

    /** The name on the command line. */
    String methodName();
}
