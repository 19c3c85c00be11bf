package org.primer4j.objective;

import java.util.List;

/** Writes rows whose loss is the mean over the whole batch. */
public record MeanLossWriter(BatchWriter writer) implements PartWriter<EncodedExample> {

    @Override
    public int write(List<EncodedExample> batch, int at) {
        return writer.fill(batch, at, 1f / batch.size());
    }

    @Override
    public int tokens() {
        return writer.tokens();
    }
}
