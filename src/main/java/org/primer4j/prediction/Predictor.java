package org.primer4j.prediction;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.training.CrossFitProtocol;
import org.primer4j.training.Evaluator;
import org.primer4j.training.Learner;
import org.primer4j.training.Learners;
import org.primer4j.training.RowEncoder;

/** Answers inputs of a task with an adapter that was tuned on it. Not safe for use by several threads at once. */
public final class Predictor implements AutoCloseable {

    /** The field of an adapter's extras with the beams that its answers are written with. */
    public static final String BEAMS = "beams";

    private final TunedTask task;
    private final TunedModel<?> tuned;

    /**
     * Opens an adapter's folder and the model it was tuned on.
     *
     * @param maxTokens room for one part of a batch, in tokens of the inputs
     * @throws org.primer4j.BadInputException if the folder or its base model is missing, malformed, or of another make
     */
    public static Predictor open(Path folder, int maxTokens, Device device) {
        TrainedAdapter adapter = PeftFolder.read(folder);
        TunedTask task = TunedTask.of(adapter.extras(), folder.resolve("primer.json"));
        PretrainedModel model = new ModelReference(adapter.baseModel()).readFrom(folder.toAbsolutePath());
        return new Predictor(task, new TunedModel<>(Learners.of(task.scoring(), maxTokens, beams(adapter, folder)), model, adapter, device));
    }

    // As many as test was decoded with; an adapter of elsewhere does not say.
    private static int beams(TrainedAdapter adapter, Path folder) {
        Object found = adapter.extras().getOrDefault(BEAMS, CrossFitProtocol.BEAMS);
        if (found instanceof Integer beams && beams >= 1 && beams <= GenerationSettings.MOST_BEAMS) {
            return beams;
        }
        throw new BadInputException(folder.resolve("primer.json") + ": the field " + BEAMS + " is " + found + "; expected 1 to "
            + GenerationSettings.MOST_BEAMS + ".");
    }

    private Predictor(TunedTask task, TunedModel<?> tuned) {
        this.task = task;
        this.tuned = tuned;
    }

    /** The task. */
    public TunedTask task() {
        return task;
    }

    /** One answer for each input. */
    public List<String> predict(List<String> inputs) {
        return predict(inputs, "input", 1);
    }

    /**
     * One answer for each line of a part of a file.
     *
     * @param file for errors
     * @param firstLine number of the first input's line, from 1
     */
    public List<String> predict(List<String> inputs, String file, long firstLine) {
        return tuned.predict(task, inputs, file, firstLine);
    }

    @Override
    public void close() {
        tuned.close();
    }

    /** A model with its adapter, ready to answer. */
    private static final class TunedModel<E extends TaskRow> implements AutoCloseable {

        private final RowEncoder<E> rows;
        private final Weights weights;
        private final Parameters parameters;
        private final Evaluator<E> evaluator;

        TunedModel(Learner<E> learner, PretrainedModel model, TrainedAdapter adapter, Device device) {
            try (CloseOnFailure opened = new CloseOnFailure()) {
                rows = opened.add(learner.rows(model));
                weights = opened.add(new Weights(device, model.weights()));
                parameters = opened.add(new Parameters(device, learner.lossGraph(model, adapter.method(), 0).layout(), 1));
                adapter.writeTo(parameters, 0);
                evaluator = learner.evaluator(model, weights, adapter.method(), parameters, device);
                opened.succeeded();
            }
        }

        List<String> predict(TunedTask task, List<String> inputs, String file, long firstLine) {
            List<E> questions = new ArrayList<>();
            for (String input : inputs) {
                List<String> candidates = task.candidates(input, file + ":" + (firstLine + questions.size()));
                questions.add(rows.question(task.info(), input, candidates));
            }
            return evaluator.predictForReport(questions);
        }

        @Override
        public void close() {
            evaluator.close();
            parameters.close();
            weights.close();
            rows.close();
        }
    }
}
