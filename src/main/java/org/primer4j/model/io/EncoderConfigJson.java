package org.primer4j.model.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.primer4j.BadInputException;

/** {@link EncoderConfig} from and to Hugging Face's {@code config.json}. */
final class EncoderConfigJson {

    private static final long MOST_BYTES = 10_000_000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private EncoderConfigJson() {
    }

    static EncoderConfig read(Path file) {
        JsonNode root = parse(file);
        if (!root.isObject()) {
            throw bad(file, "found " + root.getNodeType() + "; expected a JSON object with model_type, hidden_size and so on");
        }
        Fields fields = new Fields(file, root);
        fields.refuseUnsupported();
        try {
            return fields.config();
        } catch (IllegalArgumentException e) {
            throw bad(file, e.getMessage());
        }
    }

    private static JsonNode parse(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw bad(file, "found " + Files.size(file) + " bytes; expected a config.json of a few thousand");
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw bad(file, "there is no such file; expected the model's config.json");
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ":" + line + ": not JSON: " + Text.shorten(e.getOriginalMessage()) + ".", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    private static BadInputException bad(Path file, String sentence) {
        return new BadInputException(file + ": " + sentence + ".");
    }

    static String write(EncoderConfig config) {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add(config.modelType().equals("bert") ? "BertModel" : "RobertaModel");
        json.put("attention_probs_dropout_prob", config.attentionDropout());
        json.put("hidden_act", config.activation());
        json.put("hidden_dropout_prob", config.hiddenDropout());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("layer_norm_eps", config.layerNormEps());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("model_type", config.modelType());
        json.put("num_attention_heads", config.heads());
        json.put("num_hidden_layers", config.layers());
        json.put("pad_token_id", config.padTokenId());
        json.put("position_embedding_type", "absolute");
        json.put("torch_dtype", "float32");
        json.put("type_vocab_size", config.typeVocabSize());
        json.put("vocab_size", config.vocabSize());
        return print(json);
    }

    private static String print(ObjectNode json) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        try {
            return JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(lines)).writeValueAsString(json) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of numbers and strings could not be written.", e);
        }
    }

    /** The fields of one file, each required: a default taken silently would be another model. */
    private record Fields(Path file, JsonNode root) {

        EncoderConfig config() {
            String modelType = text("model_type");
            if (!EncoderConfig.MODEL_TYPES.contains(modelType)) {
                // Before the other fields: another architecture names them differently.
                throw bad(file, "found model_type " + Text.shorten(modelType) + "; expected bert or roberta");
            }
            return new EncoderConfig(modelType, whole("vocab_size"), whole("hidden_size"),
                    whole("num_hidden_layers"), whole("num_attention_heads"), whole("intermediate_size"),
                    whole("max_position_embeddings"), whole("type_vocab_size"), number("layer_norm_eps"),
                    text("hidden_act"), whole("pad_token_id"), number("hidden_dropout_prob"),
                    number("attention_probs_dropout_prob"));
        }

        void refuseUnsupported() {
            if (root.hasNonNull("quantization_config")) {
                throw bad(file, "found quantization_config; expected a model with plain float32 weights");
            }
            JsonNode positions = root.path("position_embedding_type");
            if (!positions.isMissingNode() && !positions.asText().equals("absolute")) {
                throw bad(file, "found position_embedding_type " + Text.shorten(positions.asText()) + "; expected absolute");
            }
            for (String decoder : new String[] {"is_decoder", "add_cross_attention"}) {
                if (root.path(decoder).asBoolean()) {
                    throw bad(file, "found " + decoder + " true; expected an encoder");
                }
            }
        }

        private JsonNode required(String field, boolean right, String expected) {
            JsonNode found = root.path(field);
            if (!found.isMissingNode() && right) {
                return found;
            }
            throw bad(file, found.isMissingNode() ? field + " is missing; expected " + expected
                    : "found " + field + " " + Text.shorten(found.toString()) + "; expected " + expected);
        }

        private String text(String field) {
            return required(field, root.path(field).isTextual(), "a string").textValue();
        }

        private int whole(String field) {
            JsonNode found = root.path(field);
            return required(field, found.isIntegralNumber() && found.canConvertToInt(), "a whole number").intValue();
        }

        private double number(String field) {
            return required(field, root.path(field).isNumber(), "a number").doubleValue();
        }
    }
}
