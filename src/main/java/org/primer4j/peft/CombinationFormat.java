package org.primer4j.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Combined methods, which the peft library does not have: our own format, a list of the methods' fields, tensors under their plain names. */
final class CombinationFormat implements MethodFormat {

    private static final String PARTS = "parts";

    @Override
    public String type() {
        return "COMBINATION";
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof Combination;
    }

    @Override
    public Set<String> fields() {
        return Set.of(PARTS);
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        config.require(config.get(PARTS).isArray(), PARTS, "a list of methods");
        List<PeftMethod> parts = new ArrayList<>();
        for (JsonNode part : config.get(PARTS)) {
            config.require(part.isObject(), PARTS, "a list of methods");
            AdapterJson one = new AdapterJson(config.file(), part);
            MethodFormat format = MethodFormats.of(one);
            one.requireOff(format.fields());
            parts.add(format.method(one));
        }
        return new Combination(parts);
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        ArrayNode parts = config.putArray(PARTS);
        for (PeftMethod part : ((Combination) method).parts()) {
            MethodFormats.write(MethodFormats.of(part, null), parts.addObject(), part, tensors, target);
        }
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        for (PeftMethod part : ((Combination) method).parts()) {
            AdapterTensors own = tensors.part(part);
            own.requireOf(part, Set.of());
            MethodFormats.of(part, null).check(part, own);
        }
    }
}
