package org.primer4j.peft;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/** Names of an adapter's tensors in its file: peft's for LoRA, our own for the other methods. */
interface AdapterNames {

    /** What peft puts before every name: its own wrappers' attributes. */
    String WRAPPER = "base_model.model.";
    /** The prefixes of models with a head. */
    Pattern MODEL = Pattern.compile("^(bert|roberta)\\.");

    /** The name in the file of a tensor without the model's prefix. */
    String inFile(String plain);

    /** The names that a method's file has. */
    static AdapterNames of(PeftMethod method, String prefix) {
        if (!(method instanceof Lora)) {
            return plain -> plain;
        }
        // An objective's head stands beside the encoder, not in it.
        return plain -> WRAPPER + (AdapterTensors.belongs(method, plain) ? prefix : "") + plain;
    }

    /** A tensor's name without wrapper and prefix. */
    static String plain(Path file, PeftMethod method, String inFile) {
        if (!(method instanceof Lora)) {
            return inFile;
        }
        if (!inFile.startsWith(WRAPPER)) {
            throw new BadInputException(file + ": found the tensor '" + inFile + "'; expected names that start with " + WRAPPER + ".");
        }
        return withoutModel(inFile.substring(WRAPPER.length()));
    }

    /** A name without the model's prefix. */
    static String withoutModel(String name) {
        return MODEL.matcher(name).replaceFirst("");
    }
}
