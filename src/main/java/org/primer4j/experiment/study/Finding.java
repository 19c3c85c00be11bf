package org.primer4j.experiment.study;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A statement about priming and what this study says of it, in two measures: the ARG, which the statement's source used,
 * and the mean score, which no weak baseline rules.
 *
 * @param statement the statement
 * @param parts     what must be positive for it to hold, by name
 * @param untested  parts of the statement that the study has no recipes for, or none primed yet; with one of these the
 *                  statement is not supported
 */
public record Finding(String statement, Map<String, Contrast> parts, List<String> untested) {

    public Finding {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
        untested = List.copyOf(untested);
    }

    /** The verdict by ARG. */
    public Verdict byArg() {
        return verdict(Contrast::arg);
    }

    /** The verdict by mean score. */
    public Verdict byScore() {
        return verdict(Contrast::score);
    }

    private Verdict verdict(Function<Contrast, Difference> measure) {
        List<Verdict> verdicts = new ArrayList<>(untested.stream().map(part -> Verdict.UNDECIDED).toList());
        parts.values().forEach(contrast -> verdicts.add(measure.apply(contrast).verdict()));
        return Verdict.all(verdicts);
    }
}
