package org.primer4j.generation;

/**
 * A generated text.
 *
 * @param text without special tokens
 * @param score as {@link Hypothesis#score}
 * @param tokens generated ones, the end token included, the start token not
 */
public record GeneratedText(String text, double score, int tokens) {}
