package org.primer4j.experiment.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyFiles;
import org.primer4j.experiment.study.StudyResults;

/**
 * A study's state at one moment.
 *
 * @param results what is done, with the manifest of what will be
 * @param costs   what that has cost
 */
public record StudySnapshot(StudyResults results, StudyCosts costs) {

    /** File names in a study's folder. */
    public static final String MANIFEST = "manifest.json";
    public static final String RESULTS = "results.json";
    public static final String COSTS = "costs.json";
    /** The folder of results and costs so far, while the study runs. */
    public static final String PARTIAL = "partial";

    /** Whether {@code folder} is a study's, and not that of a single tuning. */
    public static boolean isStudy(Path folder) {
        return Files.exists(folder.resolve(MANIFEST));
    }

    /**
     * The state of the study in {@code folder}: its results, or while it runs those so far. The files are written whole or
     * not at all, so that a study may be read while it runs.
     *
     * @throws BadInputException if no study is there or a file of it is damaged
     */
    public static StudySnapshot read(Path folder) {
        Path partial = folder.resolve(PARTIAL);
        if (!Files.exists(folder.resolve(RESULTS)) && Files.exists(partial.resolve(RESULTS))) {
            try {
                return readFiles(partial);
            } catch (BadInputException damagedOrFinished) {
                // A study that ends between the look and the reading has its results in place before it removes these.
                if (!Files.exists(folder.resolve(RESULTS))) {
                    throw damagedOrFinished;
                }
            }
        }
        return Files.exists(folder.resolve(RESULTS)) ? readFiles(folder)
                : new StudySnapshot(StudyResults.of(StudyFiles.MANIFEST.read(folder.resolve(MANIFEST)), List.of(), List.of()), StudyCosts.of(List.of()));
    }

    private static StudySnapshot readFiles(Path folder) {
        StudyResults results = StudyFiles.RESULTS.read(folder.resolve(RESULTS));
        return new StudySnapshot(results, StudyFiles.COSTS.read(folder.resolve(COSTS)));
    }
}
