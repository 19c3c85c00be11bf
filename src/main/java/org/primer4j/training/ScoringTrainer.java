package org.primer4j.training;

import org.primer4j.engine.Device;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.objective.BatchWriter;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.HeadedAdaptation;
import org.primer4j.objective.Objective;
import org.primer4j.objective.ScoringGraph;

/** Trains an encoder under a scoring objective. */
public final class ScoringTrainer extends Trainer<EncodedExample> {

    /**
     * @param method what is tuned in the encoder; the objective's head is tuned beside it
     * @param dropout probability while training
     * @param capacity room for one part of a batch
     */
    public ScoringTrainer(Encoder encoder, Weights weights, Adaptation method, Objective objective, double dropout, Optimizer optimizer,
                          Capacity capacity, Device device) {
        super(graph(encoder, method, objective, dropout, capacity, 1), weights, optimizer, device);
    }

    static LossGraph<EncodedExample> graph(Encoder encoder, Adaptation method, Objective objective, double dropout, Capacity capacity,
                                            int lanes) {
        Adaptation adaptation = new HeadedAdaptation(method, objective);
        ScoringGraph scoring = objective.build(Layers.forTraining(new Graph(lanes, DType.F32), adaptation, dropout), encoder, capacity);
        return new LossGraph<>(scoring.loss(), adaptation,
            program -> new BatchWriter(program, scoring, encoder.config()));
    }
}
