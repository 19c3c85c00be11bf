package org.primer4j.training;

import org.primer4j.engine.Device;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.objective.seq2seq.Seq2SeqBatchWriter;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqGraph;

/** Trains a model that writes; the loss is the mean over a batch's target tokens. */
public final class Seq2SeqTrainer extends Trainer<Seq2SeqExample> {

    /**
     * @param method what is tuned
     * @param dropout probability while training
     * @param smoothing of labels
     * @param capacity room for one part of a batch
     */
    public Seq2SeqTrainer(Seq2Seq model, Weights weights, Adaptation method, double dropout, double smoothing, Optimizer optimizer,
                          Seq2SeqCapacity capacity, Device device) {
        super(graph(model, method, dropout, smoothing, capacity, 1), weights, optimizer, device);
    }

    /** A graph of the loss, for so many independent runs. */
    public static LossGraph<Seq2SeqExample> graph(Seq2Seq model, Adaptation method, double dropout, double smoothing, Seq2SeqCapacity capacity,
                                                  int lanes) {
        Seq2SeqGraph graph = Seq2SeqGraph.build(Layers.forTraining(new Graph(lanes, DType.F32), method, dropout), model, capacity, smoothing);
        return new LossGraph<>(graph.loss(), method, program -> new Seq2SeqBatchWriter(program, graph, method));
    }
}
