package org.primer4j.bench;

import org.primer4j.graph.Axis;
import org.primer4j.graph.Graph;

/** The sizes of a graph whose axes are all full, and whose sequences all have one length. */
record OpSizes(Graph graph) implements BenchRun.Sizes {

    static final String TOKENS = "tokens";
    static final String SEQUENCES = "sequences";

    @Override
    public int tokens() {
        return rows(TOKENS);
    }

    @Override
    public int rows(String axis) {
        return graph.axes().stream().filter(known -> known.name().equals(axis)).mapToInt(Axis::capacity).findFirst().orElseThrow();
    }

    @Override
    public long pairs(String queries, String keys) {
        return (long) rows(queries) * rows(keys) / rows(SEQUENCES);
    }
}
