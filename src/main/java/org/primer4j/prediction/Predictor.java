package org.primer4j.prediction;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.Weights;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.HeadedAdaptation;
import org.primer4j.objective.Objective;
import org.primer4j.objective.SequencePool;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.text.Tokenizer;
import org.primer4j.training.ParameterLayout;
import org.primer4j.training.Parameters;
import org.primer4j.training.ScoringEvaluator;

/** Answers inputs of a task with an adapter that was tuned on it. Not safe for use by several threads at once. */
public final class Predictor implements AutoCloseable {

    private final TunedTask task;
    private final Tokenizer tokenizer;
    private final Weights weights;
    private final Parameters parameters;
    private final ScoringEvaluator evaluator;

    /**
     * Opens an adapter's folder and the model it was tuned on.
     *
     * @param capacity room for one part of a batch
     * @throws org.primer4j.BadInputException if the folder or its base model is missing, malformed, or of another make
     */
    public static Predictor open(Path folder, Capacity capacity, Device device) {
        TrainedAdapter adapter = PeftFolder.read(folder);
        TunedTask task = TunedTask.of(adapter.extras(), folder.resolve("primer.json"));
        PretrainedModel model = new ModelReference(adapter.baseModel()).readFrom(folder.toAbsolutePath());
        return new Predictor(task, adapter, model, capacity, device);
    }

    private Predictor(TunedTask task, TrainedAdapter adapter, PretrainedModel model, Capacity capacity, Device device) {
        this.task = task;
        Objective objective = task.scoring().objective();
        Encoder encoder = new Encoder(model.config().asEncoder());
        tokenizer = Tokenizer.of(model.tokenizerJson());
        weights = new Weights(model.weights());
        parameters = new Parameters(layout(encoder, new HeadedAdaptation(adapter.method(), objective), objective), 1);
        adapter.writeTo(parameters, 0);
        evaluator = new ScoringEvaluator(encoder, weights, adapter.method(), objective, parameters, capacity, device);
    }

    private static ParameterLayout layout(Encoder encoder, HeadedAdaptation adaptation, Objective objective) {
        Graph graph = new Graph(1, DType.F32);
        objective.build(new Layers(graph, adaptation, 0), encoder, new Capacity(1, 1, 1, 1));
        return new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER));
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
        SequencePool pool = new SequencePool(tokenizer, task.scoring().maxLength());
        List<EncodedExample> rows = new ArrayList<>();
        for (String input : inputs) {
            List<String> candidates = task.candidates(input, file + ":" + (firstLine + rows.size()));
            rows.add(task.scoring().objective().encode(task.info(), input, candidates, -1, task.scoring().format(), pool));
        }
        int[] best = evaluator.predict(rows);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < best.length; i++) {
            answers.add(rows.get(i).outputs().get(best[i]));
        }
        return answers;
    }

    @Override
    public void close() {
        evaluator.close();
        parameters.close();
        weights.close();
        tokenizer.close();
    }
}
