package org.primer4j.model.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * What a model's folder says on how to generate: {@code generation_config.json}, or where there is none the same fields of
 * {@code config.json}, as transformers reads them. A field is null when the folder does not name it.
 *
 * @param beams         {@code num_beams}
 * @param maxLength     {@code max_length}, the start token included
 * @param maxNewTokens  {@code max_new_tokens}
 * @param minLength     {@code min_length}, the start token included
 * @param lengthPenalty {@code length_penalty}
 * @param earlyStopping {@code early_stopping}: {@code true}, {@code false} or {@code never}
 * @param noRepeatNgram {@code no_repeat_ngram_size}
 * @param forcedBos     {@code forced_bos_token_id}
 * @param forcedEos     {@code forced_eos_token_id}
 * @param bos           {@code bos_token_id}
 * @param eos           {@code eos_token_id}
 * @param pad           {@code pad_token_id}
 * @param decoderStart  {@code decoder_start_token_id}
 * @param unsupported   fields that change what is generated and that this project does not have, as they stand in the file; whoever
 *                      generates refuses them
 * @param json          the fields as a {@code generation_config.json}, to be written again
 */
public record GenerationDefaults(Integer beams, Integer maxLength, Integer maxNewTokens, Integer minLength, Double lengthPenalty,
        String earlyStopping, Integer noRepeatNgram, Integer forcedBos, Integer forcedEos, Integer bos, Integer eos, Integer pad,
        Integer decoderStart, List<String> unsupported, String json) {

    static final String FILE = "generation_config.json";

    private static final List<String> FIELDS = List.of("num_beams", "max_length", "max_new_tokens", "min_length", "length_penalty",
            "early_stopping", "no_repeat_ngram_size", "forced_bos_token_id", "forced_eos_token_id", "bos_token_id", "eos_token_id",
            "pad_token_id", "decoder_start_token_id");

    /** Fields that are not here, with the value that asks for nothing; with any other they would change what is generated. */
    private static final Map<String, String> OTHERS = Map.ofEntries(Map.entry("do_sample", "false"), Map.entry("num_beam_groups", "1"),
            Map.entry("diversity_penalty", "0"), Map.entry("repetition_penalty", "1"), Map.entry("encoder_repetition_penalty", "1"),
            Map.entry("encoder_no_repeat_ngram_size", "0"), Map.entry("penalty_alpha", "0"), Map.entry("min_new_tokens", "0"),
            Map.entry("bad_words_ids", ""), Map.entry("force_words_ids", ""), Map.entry("constraints", ""),
            Map.entry("suppress_tokens", "[]"), Map.entry("begin_suppress_tokens", "[]"), Map.entry("sequence_bias", ""),
            Map.entry("exponential_decay_length_penalty", ""), Map.entry("guidance_scale", "1"), Map.entry("stop_strings", ""),
            Map.entry("forced_decoder_ids", ""), Map.entry("remove_invalid_values", "false"), Map.entry("renormalize_logits", "false"));

    public GenerationDefaults {
        unsupported = List.copyOf(unsupported);
    }

    /**
     * Reads a folder's defaults.
     *
     * @throws BadInputException if a file is malformed or a field has a value it cannot have
     */
    static GenerationDefaults read(Path folder) {
        Path own = folder.resolve(FILE);
        Path file = Files.exists(own) ? own : folder.resolve(PretrainedFolder.CONFIG);
        return of(new ConfigFields(file, ConfigJson.parse(file)));
    }

    private static GenerationDefaults of(ConfigFields f) {
        ObjectNode kept = ConfigJson.object();
        List<String> unsupported = new ArrayList<>();
        for (String field : FIELDS) {
            keep(kept, f, field);
        }
        OTHERS.keySet().stream().sorted().filter(field -> f.has(field) && !neutral(field, f.root().get(field))).forEach(field -> {
            keep(kept, f, field);
            unsupported.add(field + " " + Text.shorten(f.root().get(field).toString()));
        });
        boolean severalEnds = f.root().path("eos_token_id").isArray();
        if (severalEnds) {
            unsupported.add("eos_token_id " + Text.shorten(f.root().get("eos_token_id").toString()));
        }
        return new GenerationDefaults(count(f, "num_beams"), count(f, "max_length"), count(f, "max_new_tokens"), count(f, "min_length"),
                f.has("length_penalty") ? (Double) f.number("length_penalty") : null, earlyStopping(f), count(f, "no_repeat_ngram_size"),
                count(f, "forced_bos_token_id"), count(f, "forced_eos_token_id"), count(f, "bos_token_id"),
                severalEnds ? null : count(f, "eos_token_id"), count(f, "pad_token_id"), count(f, "decoder_start_token_id"), unsupported,
                ConfigJson.print(kept));
    }

    private static void keep(ObjectNode kept, ConfigFields f, String field) {
        if (f.has(field)) {
            kept.set(field, f.root().get(field));
        }
    }

    private static boolean neutral(String field, JsonNode found) {
        String neutral = OTHERS.get(field);
        return found.isNumber() ? !neutral.isEmpty() && neutral.matches("\\d+") && found.doubleValue() == Double.parseDouble(neutral)
                : found.toString().equals(neutral);
    }

    private static Integer count(ConfigFields f, String field) {
        Integer found = f.optionalWhole(field);
        if (found != null && found < 0) {
            throw f.bad("found " + field + " " + found + "; expected a number of at least 0");
        }
        return found;
    }

    private static String earlyStopping(ConfigFields f) {
        if (!f.has("early_stopping")) {
            return null;
        }
        String found = f.root().get("early_stopping").asText();
        if (!List.of("true", "false", "never").contains(found)) {
            throw f.bad("found early_stopping " + Text.shorten(found) + "; expected true, false or never");
        }
        return found;
    }
}
