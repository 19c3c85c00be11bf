package org.primer4j.experiment.study.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.training.Learner;
import org.primer4j.training.TextChoice;

/**
 * How texts are read, and answers scored or written.
 *
 * @param choice what the file says; null values take the default of the model's kind
 */
public record TextSpec(TextChoice choice) {

    private static final int MAX_TOKENS = 2048;
    private static final Set<String> KEYS = Set.of("objective", "task-names", "max-length", "max-target-length", "label-smoothing", "dev-beams", "beams",
            "max-tokens");

    static TextSpec read(YamlNode node) {
        if (node == null) {
            return new TextSpec(new TextChoice(null, true, null, null, null, null, null, MAX_TOKENS));
        }
        Section text = Section.of("text", node, KEYS);
        Boolean names = text.bool("task-names");
        Integer tokens = text.integer("max-tokens", 1);
        return new TextSpec(new TextChoice(text.word("objective", List.of("matching", "joint", "seq2seq")), names == null || names,
                text.integer("max-length", 1), text.integer("max-target-length", 1), text.decimal("label-smoothing"), text.integer("dev-beams", 1),
                text.integer("beams", 1), tokens == null ? MAX_TOKENS : tokens));
    }

    /**
     * What a model of this kind learns and answers by.
     *
     * @throws org.primer4j.BadInputException if a setting does not go with the model
     */
    public Learner<?> learner(ModelConfig config) {
        return SpecErrors.of("text", () -> choice.learner(config));
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("objective", choice.objective());
        map.put("task-names", choice.taskNames());
        map.put("max-length", choice.maxLength());
        map.put("max-target-length", choice.maxTargetLength());
        map.put("label-smoothing", choice.labelSmoothing());
        map.put("dev-beams", choice.devBeams());
        map.put("beams", choice.beams());
        map.put("max-tokens", choice.maxTokens());
        map.values().removeIf(value -> value == null);
        return map;
    }
}
