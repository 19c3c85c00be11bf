package org.primer4j.verify;

import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.seq2seq.Seq2SeqBatchWriter;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.objective.seq2seq.Seq2SeqGraph;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingProgram;

/** Training steps of a small model that writes, part by part, through the same program as every run. */
final class TrainingRun implements TrainedTensors, AutoCloseable {

    private static final Seq2SeqCapacity ROOM = new Seq2SeqCapacity(256, 256, 16);
    private static final String START = "start_values";

    private final Weights weights;
    private final Parameters parameters;
    private final TrainingProgram program;
    private final Seq2SeqBatchWriter writer;
    private int updates;

    /** @param added start values of what the method added to the model */
    TrainingRun(PretrainedFolder model, Adaptation method, Map<String, TensorData> added, Optimizer optimizer, Device device) {
        Seq2SeqGraph graph = Seq2SeqGraph.build(new Layers(new Graph(1, DType.F32), method), Seq2Seq.of(model.config().asSeq2Seq()), ROOM, 0);
        Map<String, TensorData> tensors = model.weights();
        try (CloseOnFailure opened = new CloseOnFailure()) {
            weights = opened.add(new Weights(device, tensors));
            parameters = opened.add(new Parameters(device, new ParameterLayout(graph.loss().graph().leaves(Leaf.Kind.PARAMETER)), 1));
            for (ParameterLayout.Entry entry : parameters.layout().entries()) {
                parameters.write(0, entry.name(), start(entry, added.getOrDefault(entry.name(), tensors.get(entry.name()))));
            }
            parameters.copyLane(Parameters.VALUES, START, 0);
            program = opened.add(TrainingProgram.compile(graph.loss().graph(), graph.loss(), optimizer, weights, parameters, device));
            writer = new Seq2SeqBatchWriter(program.program(), graph, method);
            opened.succeeded();
        }
    }

    static float[] start(ParameterLayout.Entry entry, TensorData tensor) {
        if (tensor == null || tensor.size() != entry.size()) {
            throw new BadInputException("found no tensor '" + entry.name() + "' of shape [" + entry.rows() + ", " + entry.cols()
                + "], which the method needs on this model.");
        }
        return tensor.floats();
    }

    /** The weight of each target token in a batch's mean loss. */
    static float meanWeight(List<Seq2SeqExample> batch) {
        return 1f / batch.stream().mapToInt(row -> row.target().length).sum();
    }

    /** Adds a batch's gradient to the sum, or begins the sum with it; returns its loss. */
    double accumulate(List<Seq2SeqExample> batch, float tokenWeight, boolean first) {
        writer.begin();
        for (Seq2SeqExample row : batch) {
            if (!writer.add(row, tokenWeight)) {
                throw new BadInputException("found a batch of more tokens than the room of " + ROOM + ".");
            }
        }
        writer.endLane(0);
        writer.end();
        program.accumulate(first);
        return program.loss(0);
    }

    /** An optimizer step; returns the gradient's norm before clipping. */
    double update(double rate) {
        program.setUpdate(0, rate, ++updates);
        program.update();
        return program.gradNorm(0);
    }

    @Override
    public ParameterLayout layout() {
        return parameters.layout();
    }

    @Override
    public float[] gradient(String name) {
        return parameters.read(Parameters.GRADIENT_SUM, 0, name);
    }

    @Override
    public float[] value(String name) {
        return parameters.read(0, name);
    }

    @Override
    public float[] startValue(String name) {
        return parameters.read(START, 0, name);
    }

    @Override
    public void close() {
        program.close();
        parameters.close();
        weights.close();
    }
}
