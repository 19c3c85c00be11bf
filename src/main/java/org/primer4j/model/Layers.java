package org.primer4j.model;

import org.primer4j.graph.Graph;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Dropout;
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
    private final double dropout;

    /** @param dropout probability on embeddings and block outputs; 0 for evaluation */
    public Layers(Graph graph, Adaptation adaptation, double dropout) {
        this.graph = graph;
        this.adaptation = adaptation;
        this.dropout = dropout;
    }

    public Graph graph() {
        return graph;
    }

    /** Whether dropout is on. */
    public boolean training() {
        return dropout > 0;
    }

    /** One of the model's own tensors, vectors as {@code [1, n]}. */
    public Value tensor(String name, int rows, int cols) {
        return adaptation.trains(name) ? graph.parameter(name, rows, cols) : graph.weight(name, rows, cols);
    }

    /** {@code NAME.weight} of a linear layer. */
    public Value weight(String name, int out, int in) {
        return tensor(name + ".weight", out, in);
    }

    /** {@code NAME.bias}. */
    public Value bias(String name, int out) {
        return tensor(name + ".bias", 1, out);
    }

    /** {@code x W^T + b}, with whatever the adaptation does to this layer. */
    public Value linear(String name, Value x, int out) {
        return adaptation.linear(this, name, x, out);
    }

    /** {@code gelu(x W^T + b)}; one fused op unless the adaptation changes the layer. */
    public Value linearGelu(String name, Value x, int out) {
        Value z = adaptation.linear(this, name, x, out);
        boolean plain = z.node().op() instanceof org.primer4j.graph.ops.Linear;
        return plain ? Ops.linearGelu(x, weight(name, out, x.cols()), bias(name, out)) : Ops.gelu(z);
    }

    /** {@code x W^T + b} as the model has it. */
    public Value baseLinear(String name, Value x, int out) {
        return Ops.linear(x, weight(name, out, x.cols()), bias(name, out));
    }

    /** LayerNorm of {@code x + residual}; residual may be null. */
    public Value addLayerNorm(String name, Value x, Value residual, double eps) {
        return Ops.addLayerNorm(x, residual, tensor(name + ".weight", 1, x.cols()), tensor(name + ".bias", 1, x.cols()), eps);
    }

    /** A block's output, dropped out and adapted, before the residual is added; {@code input} is what the block read. */
    public Value blockOutput(String site, Value input, Value h) {
        return adaptation.blockOutput(this, site, input, dropout(site, h));
    }

    /** The adaptation's keys and values before those of an attention; null for none. */
    public Prefix prefix(String site, int d) {
        return adaptation.prefix(this, site, d);
    }

    /** The adaptation's virtual tokens {@code [promptLength, d]}; null for none. */
    public Value prompt(int d) {
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
        if (!training() && probability == dropout || probability == 0) {
            return x;
        }
        return Dropout.of(x, graph.laneIntegers(DROPOUT_KEY, 3), probability, Dropout.site(site));
    }
}
