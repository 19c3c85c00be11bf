package org.primer4j.experiment.study;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsFirst;

import java.util.Comparator;
import java.util.List;
import org.primer4j.Checks;

/**
 * The costs of a study: the content of {@code costs.json}, apart from the results because no two executions agree in it.
 *
 * @param schemaVersion the file's layout, {@link #SCHEMA_VERSION}
 * @param costs         one entry a priming and a tuning run, sorted by phase and names
 */
public record StudyCosts(int schemaVersion, List<StudyCost> costs) {

    public static final int SCHEMA_VERSION = 1;

    private static final Comparator<StudyCost> ORDER = comparing(StudyCost::phase).thenComparing(StudyCost::recipe)
            .thenComparing(StudyCost::method, nullsFirst(naturalOrder())).thenComparing(StudyCost::task, nullsFirst(naturalOrder()))
            .thenComparing(StudyCost::sample, nullsFirst(naturalOrder()));

    public StudyCosts {
        Checks.version(schemaVersion, SCHEMA_VERSION);
        costs = Checks.list("costs", costs).stream().sorted(ORDER).toList();
    }

    /** Costs in the present schema version. */
    public static StudyCosts of(List<StudyCost> costs) {
        return new StudyCosts(SCHEMA_VERSION, costs);
    }
}
