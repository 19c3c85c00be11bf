package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;

class TrainingProgramTest {

    /** The loss x + c has gradient 1 whatever c is. */
    @ParameterizedTest
    @ValueSource(doubles = {0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN})
    void aLossThatIsNotFiniteChangesNothing(double c) {
        Graph graph = new Graph(1, DType.F32);
        Value loss = Ops.addScalar(graph.parameter("x", 1, 1), c);
        try (Weights weights = new Weights(Map.of());
             Parameters parameters = new Parameters(new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER)), 1);
             TrainingProgram program = TrainingProgram.compile(graph, loss, Optimizer.AdamW.with(0, 1), weights, parameters, Device.cpu(1))) {
            parameters.write(0, "x", new float[] {2});
            program.setUpdate(0, 0.5, 1);
            program.step();
            assertTrue(Float.isFinite(program.gradNorm(0)), "only the loss is not finite");
            assertEquals(Double.isFinite(c) ? 1.5f : 2, parameters.read(0, "x")[0], 1e-5);
        }
    }
}
