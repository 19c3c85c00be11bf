package org.primer4j.experiment.study.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.primer4j.Format;
import org.primer4j.engine.Interruption;
import org.primer4j.experiment.ContentKey;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.StoredCell;
import org.primer4j.experiment.study.run.StudyPlan.Group;
import org.primer4j.experiment.study.run.StudyPlan.PrimingCell;
import org.primer4j.experiment.study.run.StudyPlan.TuningCell;
import org.primer4j.experiment.study.spec.MethodSpec;
import org.primer4j.model.Weights;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.Primed;
import org.primer4j.priming.Priming;
import org.primer4j.priming.PrimingListener;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;
import org.primer4j.training.TrainingException;

/**
 * Makes a study's missing cells, beside other processes that do the same. A primed start is kept as long as a cell needs it. A cell that
 * diverges has no result: the others are made, and only then is it said.
 *
 * @param <E> a row as the model reads it
 */
final class StudyRunner<E extends TaskRow> {

    private static final long PAUSE_MILLISECONDS = 500;

    private final StudySetup setup;
    private final Learner<E> learner;
    private final StudyData<E> data;
    private final SharedCells cells;
    private final RunnerProgress progress;
    private final ResumableGrid grid;
    /** Why cells have no result, by their keys. */
    private final Map<ContentKey, String> diverged = new LinkedHashMap<>();

    StudyRunner(StudySetup setup, Learner<E> learner, StudyData<E> data, SharedCells cells, RunnerProgress progress) {
        this.setup = setup;
        this.learner = learner;
        this.data = data;
        this.cells = cells;
        this.progress = progress;
        this.grid = new ResumableGrid(cells, setup.spec().seed(), progress::warn);
    }

    /**
     * Returns when all cells are there, whoever made them.
     *
     * @throws TrainingException when all others are, but some diverged
     */
    void run(StudyPlan plan) {
        List<Group> waiting = plan.groups();
        while (!waiting.isEmpty()) {
            List<Group> busy = waiting.stream().filter(group -> !finish(group)).toList();
            if (busy.size() == waiting.size()) {
                pause();
            }
            waiting = busy;
        }
        if (!diverged.isEmpty()) {
            throw new TrainingException(Format.count(diverged.size(), "cell") + " of the study diverged, and would again; all others are finished. The first is "
                    + diverged.values().iterator().next());
        }
    }

    private static void pause() {
        Interruption.check();
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Interruption.check();
        }
    }

    /** Does what is missing and nobody else does; whether the group is finished then. */
    private boolean finish(Group group) {
        Interruption.check();
        if (!isFinished(group) && hasWork(group)) {
            start(group).ifPresent(start -> tune(group, start));
        }
        return isFinished(group) && forgetStart(group.priming());
    }

    private boolean isFinished(Group group) {
        if (group.priming() != null && diverged.containsKey(group.priming().key())) {
            return true;
        }
        return (group.priming() == null || cells.has(group.priming().key())) && missing(group).isEmpty();
    }

    // Whether something is missing that no other process makes now.
    private boolean hasWork(Group group) {
        boolean primed = group.priming() == null || cells.has(group.priming().key());
        return !primed || missing(group).stream().anyMatch(cell -> cells.isFree(cell.key()));
    }

    private List<TuningCell> missing(Group group) {
        return group.tunings().stream().filter(cell -> !cells.has(cell.key()) && !diverged.containsKey(cell.key())).toList();
    }

    // Empty while another process primes.
    private Optional<PrimedStart> start(Group group) {
        PrimingCell priming = group.priming();
        if (priming == null) {
            return Optional.of(PrimedStart.unprimed(setup.model()));
        }
        try (SharedCells.Claim claim = cells.claim(priming.key())) {
            if (claim == null) {
                return Optional.empty();
            }
            Optional<StoredCell<ContentKey, PrimingOutcome>> stored = cells.find(priming.key(), PrimingOutcome.class);
            if (stored.isPresent() && missing(group).isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(stored.filter(StoredCell::hasParameters).map(cell -> PrimedStart.of(setup.model(), cell.parameters()))
                    .orElseGet(() -> prime(priming)));
        } catch (TrainingException e) {
            diverged.put(priming.key(), priming.label() + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private PrimedStart prime(PrimingCell cell) {
        progress.begin(cell.work(), cell.label());
        boolean looks = cell.recipe().recipe().validation().isOn();
        List<TaskData<E>> train = data.withoutTest(setup.tasks().train(), setup.spec().priming().train());
        List<TaskData<E>> dev = looks ? data.withoutTest(setup.tasks().dev(), setup.spec().priming().dev()) : List.of();
        PeftMethod method = cell.method() == null ? null : cell.method().method();
        Primed primed = new Priming<>(learner, setup.device()).run(setup.model(), cell.recipe().recipe(), method, train, dev, setup.spec().seed(),
                progress.within(), PrimingListener.none());
        PrimedStart start = new PrimedStart(primed.model(), primed.peftStart());
        Map<String, TensorData> moved = start.moved(setup.model());
        cells.put(cell.key(), outcome(primed), moved);
        progress.finished(cell.work());
        // As a resumed run has it.
        return PrimedStart.of(setup.model(), moved);
    }

    private static PrimingOutcome outcome(Primed primed) {
        return new PrimingOutcome(primed.result().tasks(), primed.result().steps(), primed.bestStep(), primed.result().curve(),
                primed.result().examples(), primed.result().tokens(), primed.result().seconds(), primed.bytes());
    }

    private void tune(Group group, PrimedStart start) {
        Map<MethodSpec, List<TuningCell>> byMethod = missing(group).stream().filter(cell -> cells.isFree(cell.key()))
                .collect(Collectors.groupingBy(TuningCell::method));
        try (Weights weights = new Weights(setup.device(), start.model().weights())) {
            for (MethodSpec method : setup.spec().methods()) {
                if (byMethod.containsKey(method)) {
                    tune(group.label(), byMethod.get(method), start, weights);
                }
            }
        }
    }

    private void tune(String recipe, List<TuningCell> missing, PrimedStart start, Weights weights) {
        try (TuningBench<E> bench = new TuningBench<>(start, weights, missing.get(0).method(), learner, setup.device())) {
            for (TuningCell cell : missing) {
                try (SharedCells.Claim claim = cells.claim(cell.key())) {
                    if (claim != null && !cells.has(cell.key())) {
                        tune(recipe, cell, bench);
                    }
                }
            }
        }
    }

    private void tune(String recipe, TuningCell cell, TuningBench<E> bench) {
        String name = "%s %s %s %d".formatted(recipe, cell.method().name(), cell.task(), cell.sample());
        progress.begin(cell.work(), name);
        TaskData<E> task = data.of(cell.task(), cell.sample());
        try {
            cells.put(cell.key(), grid.run(cell, bench, task), Map.of());
        } catch (TrainingException e) {
            diverged.put(cell.key(), name + ": " + e.getMessage());
        }
        progress.finished(cell.work());
    }

    /** Gives up a start that no cell needs any more, and what a killed process left of it. */
    private boolean forgetStart(PrimingCell priming) {
        if (priming == null) {
            return true;
        }
        try (SharedCells.Claim claim = cells.claim(priming.key())) {
            // Another process has it open: that one gives it up.
            if (claim != null) {
                cells.find(priming.key(), PrimingOutcome.class).ifPresent(cells::forget);
            }
        }
        return true;
    }
}
