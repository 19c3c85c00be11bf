package org.primer4j.peft;

/** BitFit (Ben Zaken et al. 2022): all biases are trained, LayerNorm's included, and nothing else. */
public record BitFit() implements PeftMethod {

    @Override
    public String methodName() {
        return "bitfit";
    }

    @Override
    public boolean trains(String tensor) {
        return tensor.endsWith(".bias");
    }
}
