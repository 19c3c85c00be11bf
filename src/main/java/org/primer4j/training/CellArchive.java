package org.primer4j.training;

import java.util.Optional;
import org.primer4j.experiment.CellResult;
import org.primer4j.training.TuningSettings.Trial;

/** Keeps the finished cells of a grid, so that a study that was cut off goes on where it was. */
public interface CellArchive {

    /** A finished cell of a task's sample, if it is there. */
    Optional<CellResult> find(TaskData<?> task, Trial trial);

    /** Loads a finished cell's parameters into one of the flat vectors. */
    void restore(TaskData<?> task, Trial trial, Parameters parameters, String vector);

    /** Keeps a finished cell, and its parameters from one of the flat vectors. */
    void keep(TaskData<?> task, Trial trial, CellResult result, Parameters parameters, String vector);

    /** Keeps nothing. */
    static CellArchive none() {
        return new CellArchive() {

            @Override
            public Optional<CellResult> find(TaskData<?> task, Trial trial) {
                return Optional.empty();
            }

            @Override
            public void restore(TaskData<?> task, Trial trial, Parameters parameters, String vector) {
                throw new IllegalStateException("nothing is kept");
            }

            @Override
            public void keep(TaskData<?> task, Trial trial, CellResult result, Parameters parameters, String vector) {
                // Nothing is kept.
            }
        };
    }
}
