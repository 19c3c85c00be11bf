package org.primer4j.generation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.NativeResource;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;

/**
 * Generates sequences with a model that an adaptation tuned: sources are packed and encoded once, then decoded with cached
 * keys and values. Parameters are read anew in every call, so that a model may be generated with while it is being trained. Not
 * for use by several threads at once.
 */
public final class Generator extends NativeResource {

    private final SourceEncoder encoder;
    private final CachedDecoder decoder;
    private final GenerationStorage storage;
    private final BeamSearch search;

    /**
     * Plans memory and prepares the programs.
     *
     * @param method what was trained; {@link Adaptation#frozen} for a model as it is
     * @param parameters the trained ones, one lane, shared with whoever trains them; null when the method trains none
     * @param room for one part of a batch
     * @throws BadInputException when the model has too few positions or tokens for the settings
     */
    public Generator(Seq2Seq model, Weights weights, Adaptation method, Parameters parameters, GenerationSettings settings, GenerationRoom room,
                     Device device) {
        super("generator");
        check(model, method, settings, room);
        this.encoder = new SourceEncoder(model, method, room);
        this.decoder = new CachedDecoder(model, method, settings, room);
        this.storage = new GenerationStorage(new ModelStorage(weights, parameters));
        this.search = new BeamSearch(settings, decoder, room.sources(), model.config().vocabSize());
        try {
            encoder.compile(storage, device);
            decoder.compile(storage, device);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void check(Seq2Seq model, Adaptation method, GenerationSettings settings, GenerationRoom room) {
        long positions = (long) method.positionShift("decoder") + settings.maxLength() - 1;
        if (positions > model.config().maxPositions()) {
            throw new BadInputException("max_length " + settings.maxLength() + " needs " + positions + " positions, and the model's decoder has "
                + model.config().maxPositions() + "; lower it.");
        }
        checkRoom(settings, room);
        try {
            settings.requireVocabulary(model.config().vocabSize());
        } catch (IllegalArgumentException e) {
            throw new BadInputException("The settings of generation do not fit the model: " + e.getMessage() + ".", e);
        }
    }

    // A row keeps one entry for each of its tokens, may ban one more, and has so many candidates.
    private static void checkRoom(GenerationSettings settings, GenerationRoom room) {
        long rows = (long) room.sources() * settings.beams(), tokens = Math.max(settings.maxLength() + 1L, settings.candidates());
        if (rows > Integer.MAX_VALUE / tokens) {
            throw new BadInputException(room.sources() + " inputs at once with " + settings.beams() + " beams of up to " + settings.maxLength()
                + " tokens are too many; expected at most " + Integer.MAX_VALUE + " tokens in all, lower one of the three.");
        }
    }

    /** Where the parameters of a method lie in a lane, for {@link Parameters} to give to a generator. */
    public static ParameterLayout layout(Seq2Seq model, Adaptation method) {
        GenerationRoom least = new GenerationRoom(1, 1 + method.promptLength());
        GenerationSettings settings = GenerationSettings.greedy(0, 0, 0);
        Map<String, Value> parameters = new LinkedHashMap<>();
        for (Value value : new SourceEncoder(model, method, least).parameters()) {
            parameters.put(((Leaf) value.node().op()).leafName(), value);
        }
        for (Value value : new CachedDecoder(model, method, settings, least).parameters()) {
            parameters.putIfAbsent(((Leaf) value.node().op()).leafName(), value);
        }
        return new ParameterLayout(List.copyOf(parameters.values()));
    }

    /**
     * Generates.
     *
     * @param sources token ids, with the special tokens that the model expects
     * @return for each source its sequences, best first: as many as beams, fewer where the settings leave fewer
     * @throws BadInputException when a source is empty, or longer than the model or the room allows
     * @throws java.util.concurrent.CancellationException when the thread was interrupted
     */
    public List<List<Hypothesis>> generate(List<int[]> sources) {
        List<List<Hypothesis>> found = new ArrayList<>();
        while (found.size() < sources.size()) {
            int begin = found.size();
            int end = encoder.run(sources, begin);
            decoder.begin(end - begin, encoder.offsets());
            found.addAll(search.run(end - begin));
        }
        return found;
    }

    /** Bytes of native memory that the programs and caches hold; weights and parameters belong to others. */
    public long bytes() {
        return encoder.bytes() + decoder.bytes() + storage.bytes();
    }

    @Override
    protected void release() {
        encoder.close();
        decoder.close();
        storage.close();
    }
}
