package org.primer4j.peft;

import java.util.Set;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.Layers;
import org.primer4j.random.Philox;

/**
 * LoRA (Hu et al. 2021): {@code y = W x + b + (alpha / rank) B A x} on chosen linear layers, W frozen.
 *
 * @param rank of the update, r
 * @param alpha scale
 * @param dropout probability on the update's input
 * @param targets last parts of the names of the layers, such as query and value; empty for all linear layers
 */
public record Lora(int rank, double alpha, double dropout, Set<String> targets) implements PeftMethod {

    public Lora {
        if (rank < 1 || !(alpha > 0) || !(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora needs rank >= 1, alpha > 0 and dropout in [0, 1), not rank " + rank + ", alpha " + alpha
                + ", dropout " + dropout);
        }
        targets = Set.copyOf(targets);
    }

    /** Query and value projections, as in the paper. */
    public static Lora queryValue(int rank, double alpha) {
        return new Lora(rank, alpha, 0, Set.of("query", "value"));
    }

    @Override
    public String methodName() {
        return "lora";
    }

    @Override
    public boolean trains(String tensor) {
        return false;
    }

    @Override
    public Value linear(Layers layers, String name, Value x, int out) {
        if (!applies(name)) {
            return layers.baseLinear(name, x, out);
        }
        Graph graph = layers.graph();
        Value a = graph.parameter(name + ".lora_A.weight", rank, x.cols());
        Value b = graph.parameter(name + ".lora_B.weight", out, rank);
        Value branch = layers.training() ? layers.dropout(name + ".lora_dropout", x, dropout) : x;
        return Ops.loraLinear(x, branch, layers.weight(name, out, x.cols()), layers.bias(name, out), a, b, alpha / rank);
    }

    /** Whether a linear layer gets an update. */
    boolean applies(String name) {
        return targets.isEmpty() || targets.stream().anyMatch(t -> name.equals(t) || name.endsWith("." + t));
    }

    /** A uniform in +-1/sqrt(in), B zero: the update starts at zero (the peft library's choice). */
    @Override
    public float[] initial(String parameter, int rows, int cols, Philox random) {
        float[] values = new float[rows * cols];
        if (parameter.endsWith(".lora_A.weight")) {
            double bound = 1 / Math.sqrt(cols);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
        }
        return values;
    }
}
