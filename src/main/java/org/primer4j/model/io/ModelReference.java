package org.primer4j.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/**
 * A pretrained model by name or place, as it stands on the command line and in the files of primed models and adapters.
 *
 * @param text {@value #MINILM}, or a folder in Hugging Face's format
 */
public record ModelReference(String text) {

    /** all-MiniLM-L6-v2 from its Maven artifact. */
    public static final String MINILM = "minilm";

    /** A reference that stays right when the working folder changes. */
    public ModelReference absolute() {
        return isMiniLm() ? this : new ModelReference(Path.of(text).toAbsolutePath().normalize().toString());
    }

    private boolean isMiniLm() {
        return text.equals(MINILM);
    }

    /**
     * Reads the model.
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
        Path place = folder.resolve(text).normalize();
        if (!Files.isDirectory(place)) {
            throw new BadInputException("There is no model '" + place + "'; expected " + MINILM
                + " or a folder with config.json, model.safetensors and tokenizer.json.");
        }
        return PretrainedModel.read(place);
    }
}
