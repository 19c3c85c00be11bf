package org.primer4j.experiment.study.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.engine.Interruption;
import org.primer4j.experiment.CellStore;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.StudyCells;
import org.primer4j.experiment.WriteException;
import org.primer4j.experiment.study.run.StudyPlan.TuningCell;
import org.primer4j.files.Folders;
import org.primer4j.objective.TaskRow;
import org.primer4j.training.CellArchive;
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
            deleteIfDamaged(scratch, cell, task);
            try (CellStore store = CellStore.open(scratch, cell.key().fields())) {
                return bench.run(task, seed, archive(store, cell));
            }
        });
    }

    // Looked at before there is anything to lose: while the grid runs, a failure is one to write, which keeps what is finished.
    private void deleteIfDamaged(Path scratch, TuningCell cell, TaskData<?> task) throws IOException {
        if (!Files.exists(scratch)) {
            return;
        }
        try (CellStore store = CellStore.open(scratch, cell.key().fields())) {
            cell.method().tuning().trials().forEach(trial -> archive(store, cell).find(task, trial));
        } catch (BadInputException e) {
            // An interrupted thread can read no file.
            Interruption.check();
            warnings.accept("its grid is begun anew (" + e.getMessage().replaceFirst(";.*", "") + ")");
            Folders.delete(scratch);
        }
    }

    // The store is the cell's alone, so that its start needs no name of its own.
    private StudyCells archive(CellStore store, TuningCell cell) {
        return new StudyCells(store, cell.method().name(), RunResult.PRIMED, seed);
    }
}
