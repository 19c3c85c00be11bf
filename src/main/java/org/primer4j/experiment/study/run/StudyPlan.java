package org.primer4j.experiment.study.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.primer4j.experiment.ContentKey;
import org.primer4j.experiment.study.StudyRun;
import org.primer4j.experiment.study.spec.MethodSpec;
import org.primer4j.experiment.study.spec.RecipeSpec;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.training.TuningSettings.Trial;

/**
 * All cells of a study. Cells of the same content are one, whatever the recipes that ask for them are called.
 *
 * @param groups  the work: what is tuned from one start after the other
 * @param primings the cell of each recipe, and method where it takes part, by their names
 * @param tunings  the cell of each run
 */
public record StudyPlan(List<Group> groups, Map<PrimingName, PrimingCell> primings, Map<RunName, TuningCell> tunings) {

    /**
     * What a priming is called.
     *
     * @param method null where all methods share it
     */
    public record PrimingName(String recipe, String method) {
    }

    /** What a tuning run is called. */
    public record RunName(String recipe, String method, String task, int sample) {
    }

    /**
     * A priming.
     *
     * @param method whose parameters take part; null where none do
     */
    public record PrimingCell(RecipeSpec recipe, MethodSpec method, ContentKey key) {

        /** Its first name, for progress. */
        String label() {
            return recipe.name() + (method == null ? "" : " " + method.name()) + " priming";
        }

        /** Rows that it reads, about: a measure of its time. */
        long work() {
            int steps = recipe.recipe().outer().training().steps();
            int batch = recipe.recipe().outer().batch();
            boolean meta = recipe.recipe().loop() != null;
            // Each task's inner steps and its query.
            return (long) steps * batch * (meta ? (recipe.recipe().loop().steps() + 1L) * recipe.recipe().loop().batch() : 1);
        }
    }

    /** A method tuned on one sample from one start, its whole grid. */
    public record TuningCell(MethodSpec method, String task, int sample, ContentKey key) {

        /** Rows that it reads, but for those it is scored on. */
        long work() {
            return (long) method.tuning().training().steps() * method.tuning().trials().stream().mapToInt(Trial::batch).sum();
        }
    }

    /**
     * Cells that start from the same parameters.
     *
     * @param priming null for tuning without priming
     */
    public record Group(PrimingCell priming, List<TuningCell> tunings) {

        public Group {
            tunings = List.copyOf(tunings);
        }

        /** The first name of its priming, for progress. */
        String label() {
            return priming == null ? StudyRun.DIRECT : priming.recipe().name();
        }
    }

    /** What names the cells, priming and tuning, each once. */
    public Stream<ContentKey> keys() {
        return groups.stream().flatMap(group -> Stream.concat(Stream.ofNullable(group.priming()).map(PrimingCell::key),
                group.tunings().stream().map(TuningCell::key)));
    }

    /** Number of different tuning cells. */
    public int tuningCells() {
        return groups.stream().mapToInt(group -> group.tunings().size()).sum();
    }

    /** Number of different priming cells. */
    public int primingCells() {
        return (int) groups.stream().filter(group -> group.priming() != null).count();
    }

    /** Rows that all cells read, about. */
    public long work() {
        return groups.stream().mapToLong(group -> (group.priming() == null ? 0 : group.priming().work())
                + group.tunings().stream().mapToLong(TuningCell::work).sum()).sum();
    }

    /**
     * The most bytes on the disk that primed models take at a time, one process running: a start is deleted when what is tuned from it is done.
     * The parameters of methods are small beside them and not counted.
     */
    public long startBytes(PretrainedModel model) {
        boolean any = groups.stream().anyMatch(group -> group.priming() != null && group.priming().recipe().recipe().tune().plm());
        return any ? Float.BYTES * model.weights().values().stream().mapToLong(TensorData::size).sum() : 0;
    }

    /** Collects cells, those of the same content once. */
    static final class Builder {

        private final Map<ContentKey, PrimingCell> starts = new LinkedHashMap<>();
        private final Map<ContentKey, Map<ContentKey, TuningCell>> groups = new LinkedHashMap<>();
        private final Map<PrimingName, PrimingCell> primings = new LinkedHashMap<>();
        private final Map<RunName, TuningCell> tunings = new LinkedHashMap<>();

        /** Adds a priming under the name of a recipe. */
        void prime(String recipe, PrimingCell cell) {
            starts.putIfAbsent(cell.key(), cell);
            primings.put(new PrimingName(recipe, cell.method() == null ? null : cell.method().name()), cell);
        }

        /**
         * Adds a tuning under the name of a recipe.
         *
         * @param start null for no priming
         */
        void tune(String recipe, ContentKey start, TuningCell cell) {
            groups.computeIfAbsent(start, key -> new LinkedHashMap<>()).putIfAbsent(cell.key(), cell);
            tunings.put(new RunName(recipe, cell.method().name(), cell.task(), cell.sample()), cell);
        }

        StudyPlan build() {
            List<Group> built = new ArrayList<>();
            groups.forEach((start, cells) -> built.add(new Group(starts.get(start), new ArrayList<>(cells.values()))));
            return new StudyPlan(List.copyOf(built), primings, tunings);
        }
    }
}
