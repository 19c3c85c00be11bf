package org.primer4j.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.primer4j.BadInputException;
import org.primer4j.model.hub.HubCache;
import org.primer4j.model.hub.HubReference;

/**
 * A pretrained model by name or place, as it stands on the command line and in the files of primed models and adapters.
 *
 * @param text {@value #MINILM}, a folder in Hugging Face's format, or a hub's model, {@code organisation/name[@revision]};
 *             a folder of that name comes before a hub's model
 */
public record ModelReference(String text) {

    /** all-MiniLM-L6-v2 from its Maven artifact. */
    public static final String MINILM = "minilm";

    /** A reference that stays right when the working folder changes. */
    public ModelReference absolute() {
        return absoluteFrom(Path.of(""));
    }

    /** As {@link #absolute}; a relative folder is one below {@code folder}. */
    public ModelReference absoluteFrom(Path folder) {
        return isMiniLm() || hub(folder).isPresent() ? this : new ModelReference(folder.resolve(text).toAbsolutePath().normalize().toString());
    }

    private boolean isMiniLm() {
        return text.equals(MINILM);
    }

    /** The hub's model that this is, if it is one and no folder below {@code folder} has its name. */
    public Optional<HubReference> hub(Path folder) {
        boolean isHub = HubReference.matches(text) && !Files.isDirectory(folder.resolve(text));
        return isHub ? Optional.of(HubReference.of(text)) : Optional.empty();
    }

    /**
     * Reads the model; one of the hub from its cache, never over the network.
     *
     * @throws BadInputException if it is not there or cannot be used
     */
    public PretrainedModel read() {
        return readFrom(Path.of(""));
    }

    /**
     * Reads the model; a relative folder is looked for below {@code folder}.
     *
     * @throws BadInputException if it is not there or cannot be used
     */
    public PretrainedModel readFrom(Path folder) {
        if (isMiniLm()) {
            return PretrainedModel.miniLm();
        }
        Path place = hub(folder).map(HubCache.ofEnvironment()::snapshot).orElseGet(() -> folder.resolve(text).normalize());
        if (!Files.isDirectory(place)) {
            throw new BadInputException("There is no model '" + place + "'; expected " + MINILM
                + " or a folder with config.json, model.safetensors and tokenizer.json, or organisation/name of a hub's model.");
        }
        return PretrainedModel.read(place);
    }
}
