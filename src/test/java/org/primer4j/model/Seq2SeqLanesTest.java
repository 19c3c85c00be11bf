package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.training.Optimizer;
import org.primer4j.training.TrainingProgram;

/** Law: lanes of one graph, each with its own parameters and texts, compute what they compute alone. */
class Seq2SeqLanesTest {

    private static final Path MODELS = Path.of("src/test/resources/golden/models");
    private static final Adaptation FULL = tensor -> true;
    /** Lengths of the sources and of the targets, by lane. */
    private static final int[][] SOURCES = {{4, 1}, {7}, {2, 3, 1}}, TARGETS = {{1, 5}, {2}, {3, 1, 2}};

    /** Losses, and gradients by lane, of the chosen lanes in one graph. */
    private record Result(float[] losses, float[][] gradients) {}

    @ParameterizedTest
    @ValueSource(strings = {"tiny_bart", "tiny_t5", "tiny_t5_gated"})
    void lanesComputeWhatTheyComputeAlone(String name) {
        try (PretrainedFolder folder = PretrainedFolder.read(MODELS.resolve(name)); Weights weights = new Weights(folder.weights())) {
            Seq2Seq model = Seq2Seq.of(folder.config().asSeq2Seq());
            Result together = run(model, weights, 0, 1, 2);
            for (int lane = 0; lane < SOURCES.length; lane++) {
                Result alone = run(model, weights, lane);
                assertEquals(alone.losses[0], together.losses[lane], 1e-6 * Math.abs(alone.losses[0]), "loss of lane " + lane);
                assertClose(alone.gradients[0], together.gradients[lane], "gradient of lane " + lane);
            }
        }
    }

    private static void assertClose(float[] expected, float[] actual, String what) {
        double error = 0, size = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow(expected[i] - actual[i], 2);
            size += Math.pow(expected[i], 2);
        }
        assertTrue(size > 0 && Math.sqrt(error / size) <= 2e-6, what + ": relative error " + Math.sqrt(error / size));
    }

    private static Result run(Seq2Seq model, Weights weights, int... chosen) {
        Graph graph = new Graph(chosen.length, DType.F32);
        Layers l = new Layers(graph, FULL);
        TextInputs source = TextInputs.source(l, model.config(), tokens(SOURCES, chosen), sequences(chosen));
        TextInputs target = TextInputs.target(l, model.config(), tokens(TARGETS, chosen), source);
        LmHead head = model.head(l);
        Value hidden = head.scaled(model.decode(l, model.encode(l, source), source, target));
        Value loss = Ops.headCrossEntropy(hidden, head.weight(), head.bias(),
            graph.indices("labels", target.tokens(), new IndexLimits.Below(model.config().vocabSize())),
            graph.input("weights", Shape.along(target.tokens(), 1)), 0, true);
        ParameterLayout layout = new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER));
        try (Parameters parameters = new Parameters(layout, chosen.length)) {
            for (int lane = 0; lane < chosen.length; lane++) {
                start(parameters, weights, lane, chosen[lane]);
            }
            try (TrainingProgram training = TrainingProgram.compile(graph, loss, new Optimizer.Sgd(0, 0), weights, parameters, Device.cpu(2))) {
                write(training.program(), source, TextInputs.SOURCE, SOURCES, model, chosen);
                write(training.program(), target, TextInputs.TARGET, TARGETS, model, chosen);
                writeLabels(training.program(), model, chosen);
                training.accumulate(true);
                return result(training, parameters);
            }
        }
    }

    private static Result result(TrainingProgram training, Parameters parameters) {
        int lanes = parameters.lanes(), size = parameters.layout().size();
        float[] losses = new float[lanes];
        float[][] gradients = new float[lanes][];
        for (int lane = 0; lane < lanes; lane++) {
            losses[lane] = training.loss(lane);
            gradients[lane] = parameters.vector(Parameters.GRADIENTS).readFloats((long) lane * size * Float.BYTES, size);
        }
        return new Result(losses, gradients);
    }

    // Every lane starts elsewhere.
    private static void start(Parameters parameters, Weights weights, int lane, int number) {
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            float[] values = weights.floats(entry.name());
            Random random = new Random(number * 31L + entry.name().hashCode());
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.1 * random.nextGaussian());
            }
            parameters.write(lane, entry.name(), values);
        }
    }

    private static int tokens(int[][] lengths, int... chosen) {
        return Arrays.stream(chosen).map(lane -> Arrays.stream(lengths[lane]).sum()).sum();
    }

    private static int sequences(int... chosen) {
        return Arrays.stream(chosen).map(lane -> SOURCES[lane].length).sum();
    }

    private static void write(Program program, TextInputs inputs, String prefix, int[][] lengths, Seq2Seq model, int... chosen) {
        int token = 0, sequence = 0;
        for (int lane = 0; lane < chosen.length; lane++) {
            Random random = new Random(chosen[lane]);
            program.setLaneRow(inputs.tokens(), lane, tokens(lengths, chosen[lane]));
            program.setLaneRow(inputs.sequences(), lane, lengths[chosen[lane]].length);
            for (int length : lengths[chosen[lane]]) {
                program.input(prefix + TextInputs.OFFSETS).put(sequence++, token);
                for (int t = 0; t < length; t++, token++) {
                    program.input(prefix + TextInputs.IDS).put(token, random.nextInt(model.config().vocabSize()));
                    if (inputs.positions() != null) {
                        program.input(prefix + TextInputs.POSITIONS).put(token, inputs.firstPosition() + t);
                    }
                }
            }
        }
        program.input(prefix + TextInputs.OFFSETS).put(sequence, token);
    }

    private static void writeLabels(Program program, Seq2Seq model, int... chosen) {
        int[] labels = Arrays.stream(chosen).flatMap(lane -> new Random(lane + 100).ints(tokens(TARGETS, lane), 0, model.config().vocabSize())).toArray();
        float[] shares = new float[labels.length];
        IntStream.range(0, shares.length).forEach(i -> shares[i] = 0.5f);
        program.input("labels").put(0, labels, labels.length);
        program.input("weights").put(0, shares);
    }
}
