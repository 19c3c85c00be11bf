package org.primer4j.bench;

import java.util.Map;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.Weights;

/** The rate of a large product with a prepacked weight: what this machine does at its best. */
final class GemmRate {

    private static final int ROWS = 2048;
    private static final int IN = 1024;
    private static final int OUT = 1024;
    private static final int RUNS = 10;
    private static final double FLOP = 2.0 * ROWS * IN * OUT;

    private GemmRate() {}

    /** FLOP per second of the fastest of several runs. */
    static double measure(Device device) {
        Graph graph = new Graph(1, DType.F32);
        Axis rows = graph.axis("rows", ROWS);
        Value x = graph.input("x", Shape.along(rows, IN));
        graph.output("y", Ops.linear(x, graph.weight("w", OUT, IN), null));
        try (Weights weights = new Weights(device, Map.of("w", new RandomTensor(0, "w", OUT, IN)));
             Program program = Program.compile(Plan.of(graph), new ModelStorage(weights, null), device)) {
            program.setRows(rows, ROWS);
            program.input("x").put(0, new RandomTensor(0, "x", ROWS, IN).floats());
            double best = Double.POSITIVE_INFINITY;
            for (int run = 0; run < RUNS; run++) {
                long start = System.nanoTime();
                program.run(Stage.COMPUTE.bit());
                best = Math.min(best, System.nanoTime() - start);
            }
            return FLOP / best * 1e9;
        }
    }
}
