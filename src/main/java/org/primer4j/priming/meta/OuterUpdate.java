package org.primer4j.priming.meta;

import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Flat;
import org.primer4j.graph.ops.Optimize;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.Parameters;
import org.primer4j.training.Optimizer;

/** Moves one lane of parameters by {@link Parameters#GRADIENT_SUM}: along a gradient by an optimizer, or straight on. */
final class OuterUpdate extends NativeResource {

    private static final String RATE = "learning_rate";
    private static final String COUNT = "update_count";

    private final Program program;
    private final Value norm;
    private final InputBuffer rate;
    private final InputBuffer count;

    /** @param optimizer null for {@code p += rate * sum} */
    OuterUpdate(Parameters parameters, Optimizer optimizer, Device device) {
        super("outer update");
        int size = parameters.layout().size();
        Graph graph = new Graph(1, DType.F32);
        Value values = graph.state(Parameters.VALUES, size);
        Value sum = graph.state(Parameters.GRADIENT_SUM, size);
        Value stepRate = graph.input(RATE, Shape.laned(1, 1));
        Value[] clipped = graph.add(new Optimize.ClipGradNorm(optimizer == null ? 0 : optimizer.clip()), sum).outputs().toArray(new Value[0]);
        this.norm = graph.output("norm", clipped[1]);
        graph.enter(Stage.UPDATE);
        if (optimizer == null) {
            graph.add(new Flat.Add(), values, sum, stepRate);
        } else {
            optimizer.append(graph, new Optimizer.Flat(parameters.layout(), values, sum, clipped[2], stepRate, graph.laneIntegers(COUNT, 1)));
        }
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.program = opened.add(Program.compile(Plan.of(graph), new ModelStorage(null, parameters), device));
            this.rate = program.input(RATE);
            this.count = optimizer == null ? null : program.input(COUNT);
            opened.succeeded();
        }
    }

    /** The sum's norm before clipping. */
    float norm() {
        program.run(Stage.COMPUTE.bit());
        return program.read(norm, 0);
    }

    /**
     * Moves the parameters, after {@link #norm}.
     *
     * @param updates done, this one included
     */
    void step(double stepRate, int updates) {
        rate.put(0, (float) stepRate);
        if (count != null) {
            count.put(0, updates);
        }
        program.run(Stage.UPDATE.bit());
    }

    long bytes() {
        return program.bytes();
    }

    @Override
    protected void release() {
        program.close();
    }
}
