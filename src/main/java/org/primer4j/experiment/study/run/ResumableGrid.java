package org.primer4j.experiment.study.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.experiment.CellStore;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.StudyCells;
import org.primer4j.experiment.WriteException;
import org.primer4j.experiment.study.run.StudyPlan.TuningCell;
import org.primer4j.files.Folders;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.CellArchive;
import org.primer4j.training.Interruption;
import org.primer4j.training.TaskData;

/**
 * Tunes a cell so that a kill loses one learning rate and batch size at most: those that are done stand in the cell's scratch folder.
 *
 * @param cells    where the cell is claimed
 * @param warnings told of what is done again
 */
record ResumableGrid(SharedCells cells, long seed, Consumer<String> warnings) {

    <E extends TaskRow> TuningOutcome run(TuningCell cell, TuningBench<E> bench, TaskData<E> task) {
        if (cell.method().tuning().trials().size() == 1) {
            return bench.run(task, seed, CellArchive.none());
        }
        Path scratch = cells.scratch(cell.key());
        return WriteException.checked(scratch, () -> {
            try {
                return run(scratch, cell, bench, task);
            } catch (BadInputException e) {
                Interruption.check();
                return again(scratch, cell, bench, task, e);
            }
        });
    }

    // What a kill or a full disk left cannot be read: no result depends on it.
    private <E extends TaskRow> TuningOutcome again(Path scratch, TuningCell cell, TuningBench<E> bench, TaskData<E> task, BadInputException reason)
            throws IOException {
        if (!Files.exists(scratch)) {
            throw reason;
        }
        warnings.accept("its grid is begun anew (" + reason.getMessage().replaceFirst(";.*", "") + ")");
        Folders.delete(scratch);
        return run(scratch, cell, bench, task);
    }

    private <E extends TaskRow> TuningOutcome run(Path scratch, TuningCell cell, TuningBench<E> bench, TaskData<E> task) {
        try (CellStore store = CellStore.open(scratch, cell.key().fields())) {
            // The store is this cell's alone, so that its start needs no name of its own.
            return bench.run(task, seed, new StudyCells(store, cell.method().name(), RunResult.PRIMED, seed));
        }
    }
}
