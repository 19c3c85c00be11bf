package org.primer4j.experiment.study.run;

import org.primer4j.BadInputException;
import org.primer4j.engine.Interruption;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.run.StudyPlan.Group;
import org.primer4j.objective.TaskRow;
import org.primer4j.progress.Progress;
import org.primer4j.training.Learner;
import org.primer4j.training.TrainingException;

/**
 * A study that is planned and can be run, from the beginning or from where it was cut off. The files of a finished study are the same bytes,
 * however often it was cut off and whoever made its cells, but for the costs.
 */
public final class Study {

    /** Least time between two writes of what is known so far. */
    private static final long PARTIAL_NANOS = 5_000_000_000L;
    /** So many times as long as such a write takes, the next one waits: a large study is not held up by them. */
    private static final int REST = 50;

    private final StudySetup setup;
    private final StudyData<?> data;
    private final StudyPlan plan;
    private final StudyManifest manifest;

    private Study(StudySetup setup, StudyData<?> data) {
        this.setup = setup;
        this.data = data;
        this.plan = new StudyPlanner(setup, data).plan();
        this.manifest = setup.manifest(data);
    }

    /** Plans a study; reads the samples of all its tasks. */
    public static Study of(StudySetup setup) {
        return new Study(setup, new StudyData<>(setup.learner(), setup.model(), setup.gym()));
    }

    public StudyPlan plan() {
        return plan;
    }

    public StudyManifest manifest() {
        return manifest;
    }

    /**
     * Makes the missing cells and writes the study's files.
     *
     * @throws org.primer4j.BadInputException             if the folder is another study's
     * @throws org.primer4j.experiment.WriteException     if it cannot be written; what was finished before stays
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; what was finished before stays
     * @throws TrainingException                          if a cell diverged; all others are finished, and the partial results tell of them
     */
    public StudyResults run(StudyFolder folder, Progress progress) {
        try {
            return runAll(folder, progress);
        } catch (BadInputException e) {
            // An interrupted thread can read no file.
            Interruption.check();
            throw e;
        }
    }

    private StudyResults runAll(StudyFolder folder, Progress progress) {
        folder.agree(setup.spec(), manifest);
        StudyCollector collector = new StudyCollector(plan, manifest, folder.cells());
        StudyResults results = collector.results();
        boolean finished = isComplete(results);
        if (!finished) {
            folder.writePartial(results, collector.costs());
        }
        // Where nothing is missing too: a killed process may have left a start that nothing needs. More than once where a cell turns out to be
        // damaged only when it is read.
        do {
            runMissing(folder, finished ? Progress.silent() : progress, collector, setup.learner());
            results = collector.results();
        } while (!isComplete(results));
        folder.writeAll(results, collector.costs());
        return results;
    }

    private boolean isComplete(StudyResults results) {
        return results.complete() && results.primings().size() == plan.primings().size();
    }

    @SuppressWarnings("unchecked")
    private <E extends TaskRow> void runMissing(StudyFolder folder, Progress progress, StudyCollector collector, Learner<E> learner) {
        long[] next = {System.nanoTime() + PARTIAL_NANOS};
        RunnerProgress shown = new RunnerProgress(progress, missingWork(folder.cells()), () -> {
            long now = System.nanoTime();
            if (now - next[0] > 0) {
                folder.writePartial(collector.results(), collector.costs());
                long end = System.nanoTime();
                next[0] = end + Math.max(PARTIAL_NANOS, REST * (end - now));
            }
        });
        // The data were made with this learner.
        StudyRunner<E> runner = new StudyRunner<>(setup, learner, (StudyData<E>) data, folder.cells(), shown);
        try {
            runner.run(plan);
        } catch (TrainingException e) {
            folder.writePartial(collector.results(), collector.costs());
            throw e;
        }
    }

    private long missingWork(SharedCells cells) {
        long work = 0;
        for (Group group : plan.groups()) {
            if (group.priming() != null && !cells.has(group.priming().key())) {
                work += group.priming().work();
            }
            work += group.tunings().stream().filter(cell -> !cells.has(cell.key())).mapToLong(StudyPlan.TuningCell::work).sum();
        }
        return work;
    }
}
