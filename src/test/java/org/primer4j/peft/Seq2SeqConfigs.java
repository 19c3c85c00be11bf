package org.primer4j.peft;

import java.util.List;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.T5Config;

/** Small models that write texts. */
final class Seq2SeqConfigs {

    static final BartConfig BART = new BartConfig(31, 24, new BartConfig.Stack(2, 3, 20), new BartConfig.Stack(2, 2, 18), 16, "gelu", false, 1, 0, 2,
        2, 0, 2, 0, 0, 0);
    /** Heads wider than d together, gated feed-forward blocks, a head of its own. */
    static final T5Config T5 = new T5Config("t5", 31, 20, 6, 4, 28, 2, 2, 8, 12, 1e-6, "gated-gelu", true, false, 0, 1, 0, 0);
    static final List<ModelConfig> ALL = List.of(BART, T5);

    private Seq2SeqConfigs() {}
}
