package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** All trained tensors of a model: our own format. Only the model itself knows which tensors there must be. */
final class FullFormat implements MethodFormat {

    private static final String EMBEDDINGS = "embeddings";

    @Override
    public String type() {
        return "FULL";
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof FullTuning;
    }

    @Override
    public Set<String> fields() {
        return Set.of(EMBEDDINGS);
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        return new FullTuning(config.flag(EMBEDDINGS));
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        config.put(EMBEDDINGS, ((FullTuning) method).embeddings());
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        // Names and shapes are compared with the model's when the adapter is put on it.
    }
}
