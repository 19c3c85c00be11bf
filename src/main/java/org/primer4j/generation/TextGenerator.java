package org.primer4j.generation;

import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.text.Tokenizer;

/** Texts from texts: tokenizer, generator, tokenizer. Not for use by several threads at once. */
public final class TextGenerator extends NativeResource {

    private final int maxSourceLength;
    private final Tokenizer tokenizer;
    private final Weights weights;
    private final Parameters parameters;
    private final Generator generator;

    /**
     * Opens a model, with an adapter or without.
     *
     * @param adapter null for the model as it is
     * @param maxSourceLength most tokens of a source, special ones included; longer texts are cut at their ends
     * @throws BadInputException when model, adapter and settings do not fit each other
     */
    public static TextGenerator open(PretrainedModel model, TrainedAdapter adapter, GenerationSettings settings, int maxSourceLength,
                                     GenerationRoom room, Device device) {
        Tokenizer tokenizer = Tokenizer.of(model.tokenizerJson());
        Weights weights = new Weights(device, model.weights());
        try {
            requireText(tokenizer, maxSourceLength);
            return new TextGenerator(model, adapter, settings, maxSourceLength, room, device, tokenizer, weights);
        } catch (RuntimeException e) {
            weights.close();
            tokenizer.close();
            throw e;
        }
    }

    private static void requireText(Tokenizer tokenizer, int maxSourceLength) {
        int special = tokenizer.encode("", Integer.MAX_VALUE).length;
        if (maxSourceLength <= special) {
            throw new BadInputException("--max-source-length is " + maxSourceLength + "; expected at least " + (special + 1) + ", the " + special
                + " special tokens around a text and one of its own.");
        }
    }

    private TextGenerator(PretrainedModel model, TrainedAdapter adapter, GenerationSettings settings, int maxSourceLength, GenerationRoom room,
                          Device device, Tokenizer tokenizer, Weights weights) {
        super("text generator");
        this.maxSourceLength = maxSourceLength;
        this.tokenizer = tokenizer;
        this.weights = weights;
        Seq2Seq seq2seq = Seq2Seq.of(model.config().asSeq2Seq());
        Adaptation method = adapter == null ? Adaptation.frozen() : adapter.method();
        this.parameters = new Parameters(device, Generator.layout(seq2seq, method), 1);
        try {
            if (adapter != null) {
                adapter.writeTo(parameters, 0);
            }
            this.generator = new Generator(seq2seq, weights, method, parameters, settings, room, device);
        } catch (RuntimeException e) {
            parameters.close();
            throw e;
        }
    }

    /**
     * Generates.
     *
     * @return for each text its continuations, best first
     */
    public List<List<GeneratedText>> generate(List<String> texts) {
        return generator.generate(tokenizer.encodeAll(texts, maxSourceLength)).stream().map(found -> found.stream().map(this::text).toList()).toList();
    }

    private GeneratedText text(Hypothesis found) {
        return new GeneratedText(tokenizer.decode(found.tokens(), true), found.score(), found.tokens().length - 1);
    }

    @Override
    protected void release() {
        generator.close();
        parameters.close();
        weights.close();
        tokenizer.close();
    }
}
