package org.primer4j.training;

import java.util.Optional;
import org.primer4j.model.Parameters;
import org.primer4j.training.TuningSettings.Trial;

/**
 * Keeps the finished cells of a grid, so that a study that was cut off goes on where it was. All results stay; parameters only of the cells
 * that are not {@link #forget forgotten}, as those of a full model take as much room as the model.
 */
public interface CellArchive {

    /** A finished cell of a task's sample, if it is there. */
    Optional<CellResult> find(TaskData<?> task, Trial trial);

    /**
     * Loads a finished cell's parameters into one of the flat vectors.
     *
     * @return false when they were forgotten
     */
    boolean restore(TaskData<?> task, Trial trial, Parameters parameters, String vector);

    /**
     * Keeps a finished cell, in place of an earlier one that is the same.
     *
     * @param parameters to keep with it, from one of the flat vectors; null for none
     */
    void keep(TaskData<?> task, Trial trial, CellResult result, Parameters parameters, String vector);

    /** Gives up a finished cell's parameters, if it still has any; its result stays. */
    void forget(TaskData<?> task, Trial trial);

    /** Keeps nothing. */
    static CellArchive none() {
        return new CellArchive() {

            @Override
            public Optional<CellResult> find(TaskData<?> task, Trial trial) {
                return Optional.empty();
            }

            @Override
            public boolean restore(TaskData<?> task, Trial trial, Parameters parameters, String vector) {
                throw new IllegalStateException("nothing is kept");
            }

            @Override
            public void keep(TaskData<?> task, Trial trial, CellResult result, Parameters parameters, String vector) {
                // Nothing is kept.
            }

            @Override
            public void forget(TaskData<?> task, Trial trial) {
                // Nothing was kept.
            }
        };
    }
}
