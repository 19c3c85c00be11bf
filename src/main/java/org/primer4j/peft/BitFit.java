package org.primer4j.peft;

import java.util.Map;

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

    @Override
    public boolean owns(String tensor) {
        return trains(tensor);
    }

    @Override
    public boolean trains(String tensor) {
        return tensor.endsWith(".bias");
    }
}
