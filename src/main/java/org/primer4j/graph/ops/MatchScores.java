package org.primer4j.graph.ops;

import static org.primer4j.graph.Ops.mul;
import static org.primer4j.graph.Ops.sumCols;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Scaled products of pairs of rows, {@code s_p = scale e[left_p] . e[right_p]}: scaled cosines when e's rows have length 1.
 * Inputs {@code e [N, d]}, left and right {@code [P]}; output {@code [P, 1]}.
 */
public record MatchScores(double scale) implements Op.Fused {

    @Override
    public String name() {
        return "match_scores";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape left = inputs.get(1).shape();
        if (inputs.get(0).shape().axis() == null || left.axis() == null || !left.equals(inputs.get(2).shape())) {
            throw new ShapeException("match_scores of " + inputs.get(0).shape() + " does not take the indices " + left + " and "
                + inputs.get(2).shape());
        }
        Indices.checkRows(name(), inputs.get(1), inputs.get(0).shape());
        Indices.checkRows(name(), inputs.get(2), inputs.get(0).shape());
        return List.of(left);
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {scale};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        Value e = node.input(0);
        Node back = e.graph().add(new Backward(scale), upstream.get(0), e, node.input(1), node.input(2));
        return Arrays.asList(back.output(0), null, null);
    }

    @Override
    public List<Value> decompose(List<Value> inputs) {
        Value left = GatherRows.of(inputs.get(0), inputs.get(1)), right = GatherRows.of(inputs.get(0), inputs.get(2));
        return List.of(Ops.scale(sumCols(mul(left, right)), scale));
    }

    /** {@code de[left_p] += scale ds_p e[right_p]} and the other way round. */
    public record Backward(double scale) implements Op {

        @Override
        public String name() {
            return "match_scores_backward";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            return List.of(inputs.get(1).shape());
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {scale};
        }
    }
}
