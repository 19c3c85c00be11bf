package org.primer4j.model;

import org.primer4j.graph.Value;

/**
 * What queries attend to in one layer.
 *
 * @param keys {@code [tokens, d]}
 * @param values {@code [tokens, d]}
 */
public record KeyValue(Value keys, Value values) {}
