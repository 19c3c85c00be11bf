package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.engine.Interruption;
import org.primer4j.gym.Gym;
import org.primer4j.gym.TaskSample;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.RowSettings;
import org.primer4j.objective.TaskRow;

/**
 * How a kind of model learns and answers tasks. Everything that tunes, primes or predicts works through it, whether the
 * model scores candidates or writes its answers.
 *
 * @param <E> a row as the model reads it
 */
public interface Learner<E extends TaskRow> {

    /** How rows become what the model reads. */
    RowSettings settings();

    /** Room for one part of a batch, in tokens of the inputs. */
    int maxTokens();

    /**
     * Refuses a model without positions for the longest texts beside a method's virtual tokens.
     *
     * @throws org.primer4j.BadInputException naming the option to lower, and to what
     */
    void requirePositions(ModelConfig config, Adaptation method);

    /**
     * Whether a row fits in a part of a batch by itself.
     *
     * @param method whose virtual tokens stand beside it
     * @param share of the room, in (0, 1]
     */
    boolean fits(E row, Adaptation method, double share);

    /** Tokenises rows for a model. */
    RowEncoder<E> rows(PretrainedModel model);

    /**
     * The graph that is trained.
     *
     * @param method what is tuned in the model
     * @param dropout probability while training
     * @param lanes independent runs, each on a batch of its own
     * @param share of the room for one part of a batch, in (0, 1]
     * @throws org.primer4j.BadInputException when the model is of another kind
     */
    LossGraph<E> lossGraph(PretrainedModel model, Adaptation method, double dropout, int lanes, double share);

    /** As {@link #lossGraph(PretrainedModel, Adaptation, double, int, double)}, of one lane with all of the room. */
    default LossGraph<E> lossGraph(PretrainedModel model, Adaptation method, double dropout) {
        return lossGraph(model, method, dropout, 1, 1);
    }

    /**
     * What answers rows.
     *
     * @param parameters the trained ones, laid out as those of {@link #lossGraph}; shared with a trainer, if there is one
     */
    Evaluator<E> evaluator(PretrainedModel model, Weights weights, Adaptation method, Parameters parameters, Device device);

    /** What trains a model on rows. */
    default Trainer<E> trainer(PretrainedModel model, Weights weights, Adaptation method, double dropout, Optimizer optimizer, Device device) {
        return new Trainer<>(lossGraph(model, method, dropout), weights, optimizer, device);
    }

    /** Reads and tokenises samples of tasks. */
    default List<TaskData<E>> read(PretrainedModel model, Gym gym, List<String> tasks, List<Integer> samples) {
        return encode(model, load(gym, tasks, samples));
    }

    /** As {@link #read}, of the train rows alone. */
    default List<TaskData<E>> readTrainRows(PretrainedModel model, Gym gym, List<String> tasks, List<Integer> samples) {
        return encode(model, load(gym, tasks, samples).stream()
            .map(s -> new TaskSample(s.info(), s.seed(), s.train(), List.of(), List.of())).toList());
    }

    /** As {@link #read}, of the train and dev rows. */
    default List<TaskData<E>> readTrainAndDevRows(PretrainedModel model, Gym gym, List<String> tasks, List<Integer> samples) {
        return encode(model, load(gym, tasks, samples).stream()
            .map(s -> new TaskSample(s.info(), s.seed(), s.train(), s.dev(), List.of())).toList());
    }

    private List<TaskData<E>> encode(PretrainedModel model, List<TaskSample> samples) {
        try (RowEncoder<E> encoder = rows(model)) {
            return encoder.samples(samples);
        }
    }

    private static List<TaskSample> load(Gym gym, List<String> tasks, List<Integer> samples) {
        List<TaskSample> loaded = new ArrayList<>();
        for (String task : tasks) {
            for (int sample : samples) {
                Interruption.check();
                loaded.add(gym.read(task, sample));
            }
        }
        return loaded;
    }
}
