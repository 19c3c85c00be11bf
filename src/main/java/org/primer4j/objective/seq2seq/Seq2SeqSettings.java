package org.primer4j.objective.seq2seq;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.objective.Fields;
import org.primer4j.objective.RowSettings;

/**
 * How a model that writes reads tasks and learns from them.
 *
 * @param format how rows become texts
 * @param smoothing share of each label's probability that is spread over the vocabulary (Szegedy et al. 2016)
 */
public record Seq2SeqSettings(Seq2SeqFormat format, double smoothing) implements RowSettings {

    /** The objective's name on the command line and in results. */
    public static final String NAME = "seq2seq";
    /** CrossFit's label smoothing (its code, bart.py). */
    public static final double CROSSFIT_SMOOTHING = 0.1;

    /** @throws IllegalArgumentException when the smoothing is not in [0, 1) */
    public Seq2SeqSettings {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("--label-smoothing is " + smoothing + "; expected a number in [0, 1).");
        }
    }

    @Override
    public String objectiveName() {
        return NAME;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("objective", NAME);
        map.put("prefix", format.prefix().name().toLowerCase(Locale.ROOT));
        map.put("lower_case", format.lowerCase());
        map.put("cleanup", format.cleanup());
        map.put("max_source", format.maxSource());
        map.put("max_target", format.maxTarget());
        map.put("label_smoothing", smoothing);
        return map;
    }

    /**
     * Settings from JSON.
     *
     * @param place the file, for errors
     * @throws BadInputException if a field is missing or wrong
     */
    public static Seq2SeqSettings of(Map<?, ?> map, Object place) {
        Fields fields = new Fields(map, place);
        try {
            Seq2SeqFormat format = new Seq2SeqFormat(prefix(fields.get("prefix", String.class)), fields.get("lower_case", Boolean.class),
                fields.get("cleanup", Boolean.class), fields.get("max_source", Integer.class), fields.get("max_target", Integer.class));
            return new Seq2SeqSettings(format, fields.get("label_smoothing", Number.class).doubleValue());
        } catch (IllegalArgumentException e) {
            throw new BadInputException(place + ": " + e.getMessage(), e);
        }
    }

    private static Seq2SeqFormat.Prefix prefix(String name) {
        return Seq2SeqFormat.Prefix.valueOf(name.toUpperCase(Locale.ROOT));
    }
}
