package org.primer4j.training;

import java.util.function.Function;
import org.primer4j.engine.Program;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.ParameterLayout;
import org.primer4j.objective.PartWriter;

/**
 * A graph to train.
 *
 * @param loss one number a lane
 * @param adaptation what is trained, and how it starts
 * @param writer makes what writes batches into a program of the graph
 */
public record LossGraph<E>(Value loss, Adaptation adaptation, Function<Program, PartWriter<E>> writer) {

    public Graph graph() {
        return loss.graph();
    }

    /** Where the trained tensors lie. */
    public ParameterLayout layout() {
        return new ParameterLayout(graph().leaves(Leaf.Kind.PARAMETER));
    }
}
