package org.primer4j.training;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Interruption;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.NotFiniteException;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.objective.BatchWriter;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.HeadedAdaptation;
import org.primer4j.objective.Objective;
import org.primer4j.objective.ScoringGraph;

/** Scores rows with a model and one lane of tuned parameters; dropout is off. */
public final class ScoringEvaluator extends NativeResource implements Evaluator<EncodedExample> {

    private final ScoringGraph scoring;
    private final Program program;
    private final BatchWriter writer;
    private final float[] scores;

    /** @param parameters the trained ones of a {@link ScoringTrainer} with the same method and objective, shared with it */
    public ScoringEvaluator(Encoder encoder, Weights weights, Adaptation method, Objective objective, Parameters parameters, Capacity capacity,
                            Device device) {
        super("evaluator");
        Graph graph = new Graph(1, DType.F32);
        this.scoring = objective.build(new Layers(graph, new HeadedAdaptation(method, objective)), encoder, capacity);
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.program = opened.add(Program.compile(Plan.of(graph), new ModelStorage(weights, parameters), device));
            this.writer = new BatchWriter(program, scoring, encoder.config());
            opened.succeeded();
        }
        this.scores = new float[scoring.pairs().capacity()];
    }

    @Override
    public List<String> predict(List<EncodedExample> rows) {
        int[] best = places(rows);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < best.length; i++) {
            answers.add(rows.get(i).outputs().get(best[i]));
        }
        return answers;
    }

    // The place of each row's best candidate.
    private int[] places(List<EncodedExample> rows) {
        int[] best = new int[rows.size()];
        for (int at = 0; at < rows.size();) {
            Interruption.check();
            int next = writer.fill(rows, at, 0);
            program.run(Stage.COMPUTE.bit());
            program.read(scoring.scores(), scores);
            for (int pair = 0; at < next; at++) {
                int count = rows.get(at).candidates().length;
                best[at] = argmax(pair, count);
                pair += count;
            }
        }
        return best;
    }

    private int argmax(int from, int count) {
        int best = 0;
        for (int i = 0; i < count; i++) {
            if (Float.isNaN(scores[from + i])) {
                throw new NotFiniteException("the model's scores are not numbers; its weights or the adapter's hold NaN or infinity");
            }
            if (scores[from + i] > scores[from + best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public long bytes() {
        return program.bytes();
    }

    @Override
    protected void release() {
        program.close();
    }
}
