package org.primer4j.graph.ops;

import java.util.Arrays;
import java.util.List;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/**
 * Inverted dropout (Srivastava et al. 2014): {@code y = x m / (1 - p)}. Inputs {@code x [T, d]} and a key of three whole numbers a lane
 * (seed low, seed high, step). The mask depends on key, site and place within the lane alone, so the gradient is dropout of
 * the upstream gradient, at any order.
 *
 * @param probability p of dropping, in [0, 1)
 * @param site a number that names the place in the model
 */
public record Dropout(double probability, long site) implements Op {

    /** @throws IllegalArgumentException when the probability is not in [0, 1) */
    public Dropout {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException("dropout needs a probability in [0, 1), not " + probability);
        }
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public List<Shape> shapes(List<Value> inputs) {
        Shape x = inputs.get(0).shape(), key = inputs.get(1).shape();
        if (x.axis() == null || !key.laned() || key.cols() != 3) {
            throw new ShapeException("dropout of " + x + " needs a key of shape lanes x [1, 3], not " + key);
        }
        return List.of(x);
    }

    @Override
    public long[] integers(Node node) {
        return new long[] {site};
    }

    @Override
    public double[] reals(Node node) {
        return new double[] {probability};
    }

    @Override
    public List<Value> gradient(Node node, List<Value> upstream, boolean[] needed) {
        return Arrays.asList(of(upstream.get(0), node.input(1), probability, site), null);
    }

    @Override
    public List<Value> tangent(Node node, List<Value> tangents, boolean[] needed) {
        return Tangents.linear(node, tangents);
    }

    /** Applies it. */
    public static Value of(Value x, Value key, double probability, long site) {
        return x.graph().add(new Dropout(probability, site), x, key).output(0);
    }

    /** The site of a name: FNV-1a in 64 bits. */
    public static long site(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
