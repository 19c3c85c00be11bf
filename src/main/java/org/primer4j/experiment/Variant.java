package org.primer4j.experiment;

/**
 * What is compared primed against unprimed: a method under an objective.
 *
 * @param method    lora, houlsby, ...
 * @param objective matching or joint
 */
public record Variant(String method, String objective) {

    @Override
    public String toString() {
        return method + " " + objective;
    }
}
