package org.primer4j.model;

import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Activation;
import org.primer4j.graph.ops.Dropout;
import org.primer4j.graph.ops.Linear;
import org.primer4j.graph.ops.Prefix;

/**
 * Records named layers into a graph: each tensor is a frozen weight or a trained parameter, as the adaptation says. Models
 * are written in its terms and know nothing of adapters.
 */
public final class Layers {

    /** The input with each lane's (seed low, seed high, step). */
    public static final String DROPOUT_KEY = "dropout_key";

    private final Graph graph;
    private final Adaptation adaptation;
    private final boolean training;
    private final double dropout;
    private final boolean biased;

    /** For evaluation: there is no dropout anywhere. */
    public Layers(Graph graph, Adaptation adaptation) {
        this(graph, adaptation, false, 0, true);
    }

    private Layers(Graph graph, Adaptation adaptation, boolean training, double dropout, boolean biased) {
        this.graph = graph;
        this.adaptation = adaptation;
        this.training = training;
        this.dropout = dropout;
        this.biased = biased;
    }

    /**
     * For training.
     *
     * @param dropout probability on embeddings and block outputs; other places, such as LoRA's, have their own even where this is 0
     */
    public static Layers forTraining(Graph graph, Adaptation adaptation, double dropout) {
        return new Layers(graph, adaptation, true, dropout, true);
    }

    /** The same, for a model whose linear layers have no biases. */
    Layers withoutBiases() {
        return new Layers(graph, adaptation, training, dropout, false);
    }

    public Graph graph() {
        return graph;
    }

    /** One of the model's own tensors, vectors as {@code [1, n]}. */
    public Value tensor(String name, int rows, int cols) {
        if (!adaptation.trains(name)) {
            return graph.weight(name, rows, cols);
        }
        return adaptation.shares(name) ? graph.shared(name, rows, cols) : graph.parameter(name, rows, cols);
    }

    /** {@code NAME.weight} of a linear layer. */
    public Value weight(String name, int out, int in) {
        return tensor(name + ".weight", out, in);
    }

    /** {@code NAME.bias} of a linear layer; null in a model whose linear layers have none. */
    public Value bias(String name, int out) {
        return biased ? tensor(name + ".bias", 1, out) : null;
    }

    /** A tensor of the model that no method trains. */
    Value constant(String name, int rows, int cols) {
        return graph.weight(name, rows, cols);
    }

    /** {@code x W^T + b}, with whatever the adaptation does to this layer. */
    public Value linear(String name, Value x, int out) {
        return adaptation.linear(this, name, x, out);
    }

    /** {@code act(x W^T + b)}; one fused op unless the adaptation changes the layer. */
    public Value linear(String name, Value x, int out, Activation activation) {
        Value z = linear(name, x, out);
        boolean plain = z.node().op() instanceof Linear && z.node().input(0) == x;
        return plain ? Ops.linear(x, weight(name, out, x.cols()), bias(name, out), activation) : Ops.activate(activation, z);
    }

    /** {@code x W^T + b} as the model has it. */
    public Value baseLinear(String name, Value x, int out) {
        return Ops.linear(x, weight(name, out, x.cols()), bias(name, out));
    }

    /** LayerNorm of {@code x + residual}; residual may be null. */
    public Value addLayerNorm(String name, Value x, Value residual, double eps) {
        return Ops.addLayerNorm(x, residual, tensor(name + ".weight", 1, x.cols()), tensor(name + ".bias", 1, x.cols()), eps);
    }

    /** RMSNorm of {@code x} (Zhang and Sennrich 2019). */
    public Value rmsNorm(String name, Value x, double eps) {
        return Ops.rmsNorm(x, tensor(name + ".weight", 1, x.cols()), eps);
    }

    /** A block's output, dropped out and adapted, before the residual is added; {@code input} is what the block read. */
    public Value blockOutput(String site, Value input, Value h) {
        return adaptation.blockOutput(this, site, input, dropout(site, h));
    }

    /** The adaptation's keys and values before those of an attention; null for none. */
    public Prefix prefix(String site, int d) {
        return adaptation.prefix(this, site, d);
    }

    /**
     * The adaptation's virtual tokens {@code [promptLength, d]}; null for none.
     *
     * @param in what is read, which must bring ids for them
     */
    Value prompt(TextInputs in, int d) {
        if (in.prompt().count() != promptLength()) {
            throw new IllegalArgumentException("the method puts " + promptLength() + " virtual tokens before a text, the batch "
                + in.prompt().count());
        }
        return adaptation.prompt(this, d);
    }

    /** Number of the adaptation's virtual tokens. */
    public int promptLength() {
        return adaptation.promptLength();
    }

    /** By how much the adaptation moves the positions of {@code encoder} or {@code decoder}. */
    public int positionShift(String stack) {
        return adaptation.positionShift(stack);
    }

    /** Dropout at a named site with the model's probability. */
    public Value dropout(String site, Value x) {
        return dropout(site, x, dropout);
    }

    /** Dropout at a named site; none when this graph is for evaluation. */
    public Value dropout(String site, Value x, double probability) {
        if (!training || probability == 0) {
            return x;
        }
        return Dropout.of(x, graph.laneIntegers(DROPOUT_KEY, 3), probability, Dropout.site(site));
    }
}
