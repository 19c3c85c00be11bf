package org.primer4j.peft;

import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;

/** BitFit (Ben Zaken et al. 2022): all biases are trained, LayerNorm's included, and nothing else. T5 has none. */
public record BitFit() implements PeftMethod {

    @Override
    public String methodName() {
        return "bitfit";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of();
    }

    @Override
    public Place place() {
        return Place.BIASES;
    }

    // Not the biases of adapters beside it.
    @Override
    public boolean owns(String tensor) {
        return trains(tensor) && !AdapterSites.owns(tensor);
    }

    @Override
    public void requireFits(Set<String> tensors) {
        if (tensors.stream().noneMatch(this::trains)) {
            throw new BadInputException("The model has no biases, which are all that bitfit trains; expected another method, such as lora.");
        }
    }

    @Override
    public boolean trains(String tensor) {
        return tensor.endsWith(".bias");
    }
}
