package org.primer4j.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * How an encoder scores texts.
 *
 * @param objective how candidates are scored
 * @param format how rows become texts
 * @param maxLength tokens of the longest sequence; longer texts are cut
 */
public record ScoringSettings(Objective objective, TextFormat format, int maxLength) implements RowSettings {

    /** Special tokens and one of the text's own; a pair has three. */
    private static final int LEAST_LENGTH = 8;

    /** @throws IllegalArgumentException when the length has no room for special tokens and a text */
    public ScoringSettings {
        if (maxLength < LEAST_LENGTH) {
            throw new IllegalArgumentException("--max-length is " + maxLength + "; expected at least " + LEAST_LENGTH + " tokens.");
        }
    }

    /**
     * The objective of a name on the command line.
     *
     * @throws BadInputException naming those there are
     */
    public static Objective objective(String name) {
        return switch (name) {
            case "matching" -> new LabelMatching(LabelMatching.DEFAULT_SCALE);
            case "joint" -> new JointScoring();
            default -> throw new BadInputException("There is no objective '" + name + "'; expected matching or joint.");
        };
    }

    @Override
    public String objectiveName() {
        return objective.objectiveName();
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("objective", objective.objectiveName());
        if (objective instanceof LabelMatching matching) {
            map.put("scale", matching.scale());
        }
        map.put("task_names", format.taskName());
        map.put("options", format.options());
        map.put("max_length", maxLength);
        return map;
    }

    /**
     * Settings from JSON.
     *
     * @param place the file, for errors
     * @throws BadInputException if a field is missing or wrong
     */
    public static ScoringSettings of(Map<?, ?> map, Object place) {
        Fields fields = new Fields(map, place);
        String name = fields.get("objective", String.class);
        Objective objective = name.equals("matching") ? new LabelMatching(fields.get("scale", Number.class).doubleValue()) : objective(name);
        TextFormat format = new TextFormat(fields.get("task_names", Boolean.class), fields.get("options", Boolean.class));
        try {
            return new ScoringSettings(objective, format, fields.get("max_length", Integer.class));
        } catch (IllegalArgumentException e) {
            throw new BadInputException(place + ": " + e.getMessage(), e);
        }
    }
}
