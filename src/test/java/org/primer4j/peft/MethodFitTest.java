package org.primer4j.peft;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.ModelConfig;

class MethodFitTest {

    private static final EncoderConfig BERT = new EncoderConfig("bert", 29, 24, 2, 3, 20, 13, 2, 1e-12, "gelu", 0, 0, 0);

    @Test
    void whatAModelLacksIsRefused() {
        refused(new Lora(2, 4, 0, Set.of("query", "fc1")), BERT, "no layer fc1");
        refused(new Lora(2, 4, 0, Set.of("q_proj")), Seq2SeqConfigs.T5, "q_proj");
        refused(new BitFit(), Seq2SeqConfigs.T5, "no biases");
        refused(new PrefixTuning(3, Set.of(AttentionSite.CROSS)), BERT, "encoder alone");
        refused(new Ia3(Set.of("fc2"), Set.of("fc2")), BERT, "fc2");
        refused(new Combination(List.of(new BitFit(), new ParallelAdapter(2, 4))), Seq2SeqConfigs.T5, "no biases");
    }

    @Test
    void whatAModelHasFits() {
        for (ModelConfig model : List.of(BERT, Seq2SeqConfigs.BART, Seq2SeqConfigs.T5)) {
            for (PeftMethod method : List.of(Lora.queryValue(2, 4), new Lora(2, 4, 0, Set.of()), Ia3.standard(), PrefixTuning.everywhere(2),
                new PromptTuning(2), new ParallelAdapter(2, 4), new FullTuning(true))) {
                assertDoesNotThrow(() -> method.requireFits(model.weightShapes().keySet()), method.toString());
                assertTrue(PeftModels.layout(model, method).count() > 0, method.toString());
            }
        }
    }

    private static void refused(PeftMethod method, ModelConfig model, String said) {
        String sentence = assertThrows(BadInputException.class, () -> method.requireFits(model.weightShapes().keySet())).getMessage();
        assertTrue(sentence.contains(said) && sentence.endsWith("."), sentence);
    }
}
