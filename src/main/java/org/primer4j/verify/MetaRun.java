package org.primer4j.verify;

import java.util.Map;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.priming.meta.MetaAdaptation;
import org.primer4j.priming.meta.MetaModel;
import org.primer4j.priming.meta.MetaSettings;
import org.primer4j.training.Seq2SeqTrainer;

/** A small model that writes, as priming's meta-learning trains it. */
final class MetaRun implements TrainedTensors, AutoCloseable {

    private static final Seq2SeqCapacity ROOM = new Seq2SeqCapacity(64, 64, 8);
    private static final String START = "start_values";

    private final Weights weights;
    private final MetaModel<Seq2SeqExample> model;

    /** @param added start values of what the method added to the model */
    MetaRun(PretrainedFolder folder, MetaAdaptation adaptation, MetaSettings settings, Map<String, TensorData> added, Device device) {
        Seq2Seq network = Seq2Seq.of(folder.config().asSeq2Seq());
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.weights = opened.add(new Weights(device, folder.weights()));
            this.model = opened.add(new MetaModel<>((lanes, share) -> Seq2SeqTrainer.graph(network, adaptation, 0, 0, ROOM.share(share), lanes),
                adaptation, weights, settings, device));
            start(added);
            opened.succeeded();
        }
    }

    private void start(Map<String, TensorData> added) {
        Parameters theta = model.theta();
        for (ParameterLayout.Entry entry : theta.layout().entries()) {
            if (!weights.has(entry.name())) {
                theta.write(0, entry.name(), TrainingRun.start(entry, added.get(entry.name())));
            }
        }
        theta.copyLane(Parameters.VALUES, START, 0);
    }

    MetaModel<Seq2SeqExample> model() {
        return model;
    }

    @Override
    public ParameterLayout layout() {
        return model.theta().layout();
    }

    @Override
    public float[] value(String name) {
        return model.theta().read(0, name);
    }

    @Override
    public float[] startValue(String name) {
        return model.theta().read(START, 0, name);
    }

    /** A tensor's value in lane 0 after inner steps: that of theta where the inner loop leaves it alone. */
    float[] innerValue(String name) {
        boolean moves = model.phi().layout().entries().stream().anyMatch(entry -> entry.name().equals(name));
        return moves ? model.phi().read(0, name) : value(name);
    }

    @Override
    public float[] gradient(String name) {
        return model.theta().read(Parameters.GRADIENT_SUM, 0, name);
    }

    @Override
    public void close() {
        model.close();
        weights.close();
    }
}
