package org.primer4j.priming.meta;

import java.util.function.BiConsumer;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;

/** One pass over flat vectors, with a weight a lane. */
final class FlatPass extends NativeResource {

    private static final String WEIGHT = "weight";

    private final Program program;
    private final InputBuffer weight;
    private final int lanes;

    /** @param ops records the pass; given the graph and the weight, one a lane */
    FlatPass(int lanes, Storage storage, Device device, BiConsumer<Graph, Value> ops) {
        super("flat pass");
        Graph graph = new Graph(lanes, DType.F32);
        ops.accept(graph, graph.input(WEIGHT, Shape.laned(1, 1)));
        this.lanes = lanes;
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.program = opened.add(Program.compile(Plan.of(graph), storage, device));
            this.weight = program.input(WEIGHT);
            opened.succeeded();
        }
    }

    /** Runs it with the same weight in the first {@code count} lanes, and 0 in the others. */
    void run(double value, int count) {
        for (int lane = 0; lane < lanes; lane++) {
            weight.put(lane, lane < count ? (float) value : 0);
        }
        program.run(Stage.COMPUTE.bit());
    }

    long bytes() {
        return program.bytes();
    }

    @Override
    protected void release() {
        program.close();
    }
}
