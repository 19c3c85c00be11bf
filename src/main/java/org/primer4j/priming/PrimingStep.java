package org.primer4j.priming;

/**
 * An outer step that was done.
 *
 * @param step counted from 1
 * @param loss mean over the step's rows or tasks, in nats
 * @param dev mean dev score after it; null where dev tasks were not looked at
 * @param rate the learning rate it was done with
 * @param examples rows read so far, repeats counted
 * @param tokens read so far
 * @param seconds since the start
 */
public record PrimingStep(int step, double loss, Double dev, double rate, long examples, long tokens, double seconds) {}
