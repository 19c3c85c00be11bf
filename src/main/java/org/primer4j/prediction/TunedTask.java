package org.primer4j.prediction;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.gym.Options;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskType;
import org.primer4j.objective.RowSettings;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.training.Learners;
import org.primer4j.training.TaskData;

/**
 * What one must know of a task to use an adapter tuned on it.
 *
 * @param info name, type, metric
 * @param labels the labels of a classification task; none for multiple choice, whose inputs hold the options
 * @param scoring how rows become what the model reads
 */
public record TunedTask(TaskInfo info, List<String> labels, RowSettings scoring) {

    public TunedTask {
        labels = List.copyOf(labels);
    }

    /** The task of a sample. */
    public static TunedTask of(TaskData<?> sample, RowSettings scoring) {
        return new TunedTask(sample.info(), sample.labels(), scoring);
    }

    /**
     * What may be answered to an input; nothing where the model writes what it likes.
     *
     * @param place file and line, for the message
     * @throws BadInputException if a multiple-choice input has no options
     */
    public List<String> candidates(String input, String place) {
        if (!(scoring instanceof ScoringSettings)) {
            return List.of();
        }
        if (info.type() == TaskType.CLASSIFICATION) {
            return labels;
        }
        return Options.parse(input).map(Options::texts).orElseThrow(() -> new BadInputException(place + ": the input has no options; expected"
            + " '(A) ... (B) ...' in it, since " + info.name() + " is a multiple-choice task."));
    }

    /** For an adapter's extras. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("task", info.name());
        map.put("type", info.type().name().toLowerCase(Locale.ROOT));
        map.put("metric", info.metricName());
        map.put("labels", labels);
        map.put("scoring", scoring.toMap());
        return map;
    }

    /**
     * From an adapter's extras.
     *
     * @param place the file, for errors
     * @throws BadInputException if a field is missing or wrong
     */
    public static TunedTask of(Map<String, Object> extras, Object place) {
        if (!(extras.get("task") instanceof String name && extras.get("metric") instanceof String metric
            && extras.get("labels") instanceof List<?> labels && extras.get("scoring") instanceof Map<?, ?> scoring)) {
            throw new BadInputException(place + ": found " + extras.keySet() + "; expected an adapter's task, type, metric, labels and scoring.");
        }
        TaskType type = type(extras.get("type"), place);
        if (type == TaskType.CLASSIFICATION && labels.size() < 2) {
            throw new BadInputException(place + ": found the labels " + labels + "; expected at least two.");
        }
        return new TunedTask(new TaskInfo(name, type, metric), labels.stream().map(String::valueOf).toList(), Learners.settings(scoring, place));
    }

    private static TaskType type(Object found, Object place) {
        return Arrays.stream(TaskType.values()).filter(type -> type.name().toLowerCase(Locale.ROOT).equals(found)).findFirst().orElseThrow(() ->
            new BadInputException(place + ": the field type is " + found + "; expected classification, multiple_choice, qa, generation, regression or "
                + "free_text."));
    }
}
