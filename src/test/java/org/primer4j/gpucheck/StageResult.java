package org.primer4j.gpucheck;

import java.util.List;

/**
 * How a stage ended.
 *
 * @param limit seconds it might have taken
 * @param problems why it failed, or in one line why it was left out
 */
record StageResult(String name, Status status, double seconds, double limit, List<String> problems, List<String> notes, List<Figure> figures, List<Goal> goals) {

    /** Left out: what it needs is not here, which is said, as an emulated device has no sanitizer. Not run: its turn has not come. */
    enum Status {
        PASSED, FAILED, LEFT_OUT, NOT_RUN
    }

    static StageResult notRun(Stage stage) {
        return new StageResult(stage.name(), Status.NOT_RUN, 0, stage.limit().toMillis() * 1e-3, List.of(), List.of(), List.of(), List.of());
    }
}
