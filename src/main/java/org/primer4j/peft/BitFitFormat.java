package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** BitFit, which the peft library does not have: our own format. */
final class BitFitFormat implements MethodFormat {

    @Override
    public String type() {
        return "BITFIT";
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof BitFit;
    }

    @Override
    public Set<String> fields() {
        return Set.of();
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        return new BitFit();
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        // There is nothing to set.
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        tensors.of(method).forEach(name -> tensors.requireShape(name, AdapterTensors.ANY));
    }
}
