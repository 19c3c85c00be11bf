package org.primer4j.experiment.study;

import static java.util.Comparator.comparing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.primer4j.Checks;

/**
 * What a study has found so far: the content of {@code results.json}. Runs that are not done yet are not there; the
 * manifest says which there will be. Primings and runs are sorted as the manifest lists their names, so that the same
 * results are the same bytes, in whatever order they were found.
 *
 * @param schemaVersion the file's layout, {@link #SCHEMA_VERSION}
 * @param manifest      what the study consists of
 * @param primings      the primings done, each recipe and method at most once
 * @param runs          the tuning runs done, each recipe, method, task and sample at most once
 */
public record StudyResults(int schemaVersion, StudyManifest manifest, List<StudyPriming> primings, List<StudyRun> runs) {

    public static final int SCHEMA_VERSION = 1;

    public StudyResults {
        Checks.version(schemaVersion, SCHEMA_VERSION);
        Names names = new Names(Checks.present("manifest", manifest));
        primings = names.sort(Checks.list("primings", primings));
        runs = names.sortRuns(Checks.list("runs", runs));
    }

    /** Results in the present schema version. */
    public static StudyResults of(StudyManifest manifest, List<StudyPriming> primings, List<StudyRun> runs) {
        return new StudyResults(SCHEMA_VERSION, manifest, primings, runs);
    }

    /** Whether all runs are there. */
    public boolean complete() {
        return runs.size() == manifest.plannedRuns();
    }

    /** The manifest's names and their order. */
    private static final class Names {

        private final Map<String, Integer> recipes;
        private final Map<String, Integer> methods;
        private final Map<String, Integer> tasks;
        private final Map<Integer, Integer> samples;

        Names(StudyManifest manifest) {
            List<String> withDirect = new ArrayList<>(List.of(StudyRun.DIRECT));
            withDirect.addAll(manifest.recipes());
            recipes = StudyManifest.positions(withDirect);
            methods = StudyManifest.positions(manifest.methods());
            tasks = StudyManifest.positions(manifest.testTasks());
            samples = StudyManifest.positions(manifest.samples());
        }

        List<StudyPriming> sort(List<StudyPriming> primings) {
            for (StudyPriming priming : primings) {
                require("recipe", priming.recipe(), recipes);
                if (priming.method() != null) {
                    require("method", priming.method(), methods);
                }
            }
            return sorted(primings, StudyPriming::label, comparing((StudyPriming priming) -> recipes.get(priming.recipe()))
                    .thenComparing(priming -> priming.method() == null ? -1 : methods.get(priming.method())));
        }

        List<StudyRun> sortRuns(List<StudyRun> runs) {
            for (StudyRun run : runs) {
                require("recipe", run.recipe(), recipes);
                require("method", run.method(), methods);
                require("task", run.task(), tasks);
                require("sample", run.sample(), samples);
            }
            return sorted(runs, StudyRun::label, comparing((StudyRun run) -> recipes.get(run.recipe()))
                    .thenComparing(run -> methods.get(run.method())).thenComparing(run -> tasks.get(run.task()))
                    .thenComparing(run -> samples.get(run.sample())));
        }

        private static void require(String kind, Object name, Map<?, Integer> known) {
            if (!known.containsKey(name)) {
                throw new IllegalArgumentException("%s \"%s\" is not in the manifest, expected one that is".formatted(kind, name));
            }
        }

        private static <T> List<T> sorted(List<T> items, Function<T, String> label, Comparator<T> order) {
            Set<String> seen = new HashSet<>();
            for (T item : items) {
                if (!seen.add(label.apply(item))) {
                    throw new IllegalArgumentException("the entry of " + label.apply(item) + " is there twice, expected once");
                }
            }
            return items.stream().sorted(order).toList();
        }
    }
}
