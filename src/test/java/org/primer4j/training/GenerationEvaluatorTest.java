package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.primer4j.generation.EarlyStopping;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;

class GenerationEvaluatorTest {

    /** CrossFit's code (bart.py): {@code generate(num_beams, max_length=max_output_length, early_stopping=False)}. */
    @Test
    void generatesAsCrossFitDoes() {
        GenerationSettings settings = GenerationEvaluator.settings(SmallBart.strong(1), 4, Seq2SeqFormat.CROSSFIT.maxTarget());
        assertEquals(64, settings.maxLength());
        assertEquals(4, settings.beams());
        assertEquals(EarlyStopping.FALSE, settings.earlyStopping());
    }
}
