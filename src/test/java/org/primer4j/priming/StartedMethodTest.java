package org.primer4j.priming;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;
import org.primer4j.model.Weights;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.EncodedExample;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.peft.BottleneckAdapter.Placement;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.StartedMethod;
import org.primer4j.training.Optimizer;
import org.primer4j.training.Trainer;

class StartedMethodTest {

    private static final PeftMethod METHOD = new BottleneckAdapter(5, Placement.HOULSBY);

    @TempDir
    Path folder;
    private TinyTasks tasks;
    private Primed primed;

    @BeforeEach
    void prime() {
        tasks = TinyTasks.read(folder);
        primed = tasks.prime(TinyTasks.multiTask(Tunables.PEFT, 3, Validation.NONE), METHOD);
    }

    private Trainer<EncodedExample> trainer(Weights weights, Map<String, TensorData> start) {
        return tasks.learner().trainer(primed.model(), weights, new StartedMethod(METHOD, start), 0, Optimizer.AdamW.with(0, 1), TinyTasks.DEVICE);
    }

    @Test
    void tuningStartsWherePrimingEndedWhateverTheSeed() {
        try (Weights weights = new Weights(primed.model().weights()); Trainer<EncodedExample> trainer = trainer(weights, primed.peftStart())) {
            double loss = trainer.step(tasks.dev().get(0).train(), 1e-2);
            trainer.reset(99);
            Map<String, float[]> tensors = trainer.parameters().tensors(0);
            assertEquals(primed.peftStart().keySet(), tensors.keySet());
            tensors.forEach((name, values) -> assertArrayEquals(primed.peftStart().get(name).floats(), values, name));
            assertEquals(loss, trainer.step(tasks.dev().get(0).train(), 1e-2));
        }
    }

    @Test
    void aStartValueThatIsMissingOrOfAnotherSizeIsNamed() {
        String some = primed.peftStart().keySet().iterator().next();
        Map<String, TensorData> lacking = new HashMap<>(primed.peftStart());
        lacking.remove(some);
        Map<String, TensorData> other = new HashMap<>(primed.peftStart());
        other.put(some, TensorData.of(new long[] {3}, 1, 2, 3));
        try (Weights weights = new Weights(primed.model().weights())) {
            assertTrue(refusal(weights, lacking).contains("lack '" + some + "'"));
            assertTrue(refusal(weights, other).contains("have 3 numbers for '" + some + "'"));
        }
    }

    private String refusal(Weights weights, Map<String, TensorData> start) {
        return assertThrows(BadInputException.class, () -> trainer(weights, start)).getMessage();
    }
}
