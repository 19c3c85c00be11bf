package org.primer4j.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.primer4j.BadInputException;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.TensorData;
import org.primer4j.training.CellArchive;
import org.primer4j.training.CellResult;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningSettings.Trial;

/**
 * One method's cells of a study in a store on the disk.
 *
 * @param method what is tuned, with its settings
 * @param start where tuning starts: {@link RunResult#UNPRIMED} or {@link RunResult#PRIMED}
 * @param seed of start values and batches
 */
public record StudyCells(CellStore store, String method, String start, long seed) implements CellArchive {

    @Override
    public Optional<CellResult> find(TaskData<?> task, Trial trial) {
        return store.find(key(task, trial)).map(StoredCell::result);
    }

    /** @throws BadInputException if the cell's parameters are not those of this method on this model */
    @Override
    public boolean restore(TaskData<?> task, Trial trial, Parameters parameters, String vector) {
        StoredCell<CellKey, CellResult> cell = store.find(key(task, trial)).orElseThrow(() -> new IllegalStateException("no finished cell of " + key(task, trial)));
        if (!cell.hasParameters()) {
            return false;
        }
        Map<String, TensorData> tensors = cell.parameters();
        for (ParameterLayout.Entry entry : parameters.layout().entries()) {
            TensorData tensor = tensors.get(entry.name());
            if (tensor == null || tensor.size() != entry.size() || tensors.size() != parameters.layout().entries().size()) {
                throw new BadInputException(cell.folder() + ": the parameters are not those of " + method
                    + " on this model; delete the folder to have the cell made again.");
            }
            parameters.write(vector, 0, entry.name(), tensor.floats());
        }
        return true;
    }

    @Override
    public void keep(TaskData<?> task, Trial trial, CellResult result, Parameters parameters, String vector) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        for (ParameterLayout.Entry entry : parameters == null ? List.<ParameterLayout.Entry>of() : parameters.layout().entries()) {
            tensors.put(entry.name(), TensorData.of(new long[] {entry.rows(), entry.cols()}, parameters.read(vector, 0, entry.name())));
        }
        store.put(key(task, trial), result, tensors);
    }

    @Override
    public void forget(TaskData<?> task, Trial trial) {
        store.forget(key(task, trial));
    }

    private CellKey key(TaskData<?> task, Trial trial) {
        return new CellKey(task.info().name(), task.sample(), task.tuningHash(), method, trial.rate(), trial.batch(), start, seed);
    }
}
