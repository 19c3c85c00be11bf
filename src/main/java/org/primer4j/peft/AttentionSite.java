package org.primer4j.peft;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The kinds of attention in an encoder, or in an encoder with a decoder. */
public enum AttentionSite {
    /** The encoder's self-attention. */
    ENCODER,
    /** The decoder's self-attention. */
    DECODER,
    /** The decoder's attention to the encoder. */
    CROSS;

    /** The kind of an attention by its name in BERT, BART or T5. */
    static AttentionSite of(String site) {
        if (site.endsWith("encoder_attn") || site.endsWith("EncDecAttention")) {
            return CROSS;
        }
        return site.startsWith("decoder.") ? DECODER : ENCODER;
    }

    /** Self-attention of {@code encoder} or {@code decoder}. */
    static AttentionSite self(String stack) {
        return stack.equals("encoder") ? ENCODER : DECODER;
    }

    /** The name on the command line and in files. */
    public String option() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Names in the order of this enum. */
    static List<String> options(Collection<AttentionSite> sites) {
        return sites.stream().sorted().map(AttentionSite::option).toList();
    }
}
