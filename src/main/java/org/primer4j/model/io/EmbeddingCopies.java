package org.primer4j.model.io;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * The copies of the word embeddings that a checkpoint may carry for both stacks and the head. They are dropped when they are equal
 * to the embeddings; a T5 may have a head of its own.
 *
 * @param names name in the files by plain name
 */
record EmbeddingCopies(Checkpoint checkpoint, Map<String, String> names) {

    private static final int BLOCK = 1 << 16;

    /**
     * Removes the copies from the names.
     *
     * @return the configuration, of a T5 with the head that the weights have
     * @throws BadInputException if a copy differs from the embeddings
     */
    Seq2SeqConfig drop(Seq2SeqConfig config, Path file) {
        WeightNames.EMBEDDING_COPIES.forEach(this::dropEqual);
        if (!(config instanceof T5Config t5)) {
            dropEqual(WeightNames.LM_HEAD);
            return config;
        }
        ConfigFields fields = new ConfigFields(file, ConfigJson.parse(file));
        boolean undecided = T5ConfigJson.weightsDecideHead(fields);
        if (undecided && !names.containsKey(WeightNames.LM_HEAD) && T5ConfigJson.savedWithoutHead(fields)) {
            throw new BadInputException(checkpoint.path() + ": lm_head.weight is missing and " + file + " says that the model was saved without its"
                    + " head; expected what AutoModelForSeq2SeqLM saves.");
        }
        T5Config decided = undecided ? t5.withOwnHead(names.containsKey(WeightNames.LM_HEAD) && !isCopy(WeightNames.LM_HEAD)) : t5;
        if (!decided.ownHead()) {
            dropEqual(WeightNames.LM_HEAD);
        }
        return decided;
    }

    private void dropEqual(String plain) {
        if (!names.containsKey(plain)) {
            return;
        }
        if (!isCopy(plain)) {
            throw new BadInputException(checkpoint.path() + ": tensor '" + names.get(plain) + "' differs from " + WeightNames.SHARED
                    + "; expected a copy of it, as the configuration ties them.");
        }
        names.remove(plain);
    }

    private boolean isCopy(String plain) {
        if (!names.containsKey(WeightNames.SHARED)) {
            return false;
        }
        return same(checkpoint.tensor(names.get(plain)), checkpoint.tensor(names.get(WeightNames.SHARED)));
    }

    private static boolean same(TensorData a, TensorData b) {
        if (!Arrays.equals(a.shape(), b.shape())) {
            return false;
        }
        for (long at = 0; at < a.size(); at += BLOCK) {
            int count = (int) Math.min(BLOCK, a.size() - at);
            if (!Arrays.equals(read(a, at, count), read(b, at, count))) {
                return false;
            }
        }
        return true;
    }

    private static float[] read(TensorData tensor, long at, int count) {
        float[] block = new float[count];
        tensor.read(at, FloatBuffer.wrap(block));
        return block;
    }
}
