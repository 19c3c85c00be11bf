package org.primer4j.peft;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.random.Philox;
import org.primer4j.random.StartValues;

/**
 * LoRA (Hu et al. 2021, eq. 3): {@code y = W x + b + s B A x} on chosen linear layers, W frozen, with s = alpha / rank, or alpha / sqrt(rank)
 * when it is rank-stabilised (Kalajdzievski 2023).
 *
 * @param rank of the update, r
 * @param alpha scale
 * @param dropout probability on the update's input
 * @param targets last parts of the names of the layers, such as query and value; empty for all linear layers
 * @param rankStabilised whether s is alpha / sqrt(rank)
 */
public record Lora(int rank, double alpha, double dropout, Set<String> targets, boolean rankStabilised) implements PeftMethod {

    /** All names that targets can have in BERT, BART and T5, sorted. */
    public static final List<String> TARGETS = LayerTargets.NAMES;

    static final String A = ".lora_A.weight";
    static final String B = ".lora_B.weight";

    /** @throws IllegalArgumentException when the rank is below 1, alpha not above 0 or the dropout not in [0, 1) */
    public Lora {
        if (rank < 1 || !(alpha > 0 && alpha < Double.POSITIVE_INFINITY) || !(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora needs rank >= 1, alpha > 0 and dropout in [0, 1), not rank " + rank + ", alpha " + alpha
                + ", dropout " + dropout);
        }
        targets = Set.copyOf(targets);
    }

    /** With s = alpha / rank. */
    public Lora(int rank, double alpha, double dropout, Set<String> targets) {
        this(rank, alpha, dropout, targets, false);
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
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("rank", rank);
        settings.put("alpha", alpha);
        settings.put("rank_stabilised", rankStabilised);
        settings.put("lora_dropout", dropout);
        settings.put("targets", targets.isEmpty() ? List.of("all") : targets.stream().sorted().toList());
        return settings;
    }

    @Override
    public Place place() {
        return Place.LAYERS;
    }

    @Override
    public boolean owns(String tensor) {
        return tensor.endsWith(A) || tensor.endsWith(B);
    }

    /** The layer that a tensor of this method updates. */
    static String layer(String tensor) {
        return tensor.substring(0, tensor.length() - A.length());
    }

    /** s. */
    public double scale() {
        return alpha / (rankStabilised ? Math.sqrt(rank) : rank);
    }

    @Override
    public void requireFits(Set<String> tensors) {
        Set<String> missing = LayerTargets.missing(targets, LayerTargets.layers(tensors));
        if (!missing.isEmpty()) {
            throw new BadInputException("LoRA's targets are " + targets.stream().sorted().toList() + ", and the model has no layer "
                + String.join(", ", missing) + "; expected names of its own layers.");
        }
    }

    @Override
    public boolean changesLayer(String name) {
        return targets.isEmpty() || LayerTargets.match(targets, name);
    }

    @Override
    public Value linear(Layers layers, String name, Value x, int out) {
        if (!changesLayer(name)) {
            return layers.baseLinear(name, x, out);
        }
        Graph graph = layers.graph();
        Value a = graph.parameter(name + A, rank, x.cols());
        Value b = graph.parameter(name + B, out, rank);
        Value branch = layers.dropout(name + ".lora_dropout", x, dropout);
        return Ops.loraLinear(x, branch, layers.weight(name, out, x.cols()), layers.bias(name, out), a, b, scale());
    }

    /** A uniform in +-1/sqrt(in), B zero: the update starts at zero (the peft library's choice). */
    @Override
    public float[] initial(String parameter, int rows, int cols, Weights model, Philox random) {
        return parameter.endsWith(A) ? StartValues.uniform(rows * cols, 1 / Math.sqrt(cols), random) : new float[rows * cols];
    }
}
