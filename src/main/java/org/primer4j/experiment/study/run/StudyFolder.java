package org.primer4j.experiment.study.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.experiment.AtomicText;
import org.primer4j.experiment.SameSettings;
import org.primer4j.experiment.SharedCells;
import org.primer4j.experiment.WriteException;
import org.primer4j.experiment.report.StudyReport;
import org.primer4j.experiment.report.StudySnapshot;
import org.primer4j.experiment.study.StudyCosts;
import org.primer4j.experiment.study.StudyFiles;
import org.primer4j.experiment.study.StudyManifest;
import org.primer4j.experiment.study.StudyMetrics;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudySummary;
import org.primer4j.experiment.study.StudyTable;
import org.primer4j.experiment.study.spec.SpecFile;
import org.primer4j.experiment.study.spec.StudySpec;
import org.primer4j.files.Folders;
import org.primer4j.gym.demo.DemoGym;
import org.primer4j.metrics.EventFolder;
import org.primer4j.metrics.MetricSeries;
import org.primer4j.metrics.MetricsFile;

/** The files of a study's folder. Several processes may have it open. */
public final class StudyFolder implements AutoCloseable {

    public static final String EXPERIMENT = "experiment.yaml";
    public static final String MANIFEST = StudySnapshot.MANIFEST;
    public static final String RESULTS = StudySnapshot.RESULTS;
    public static final String COSTS = StudySnapshot.COSTS;
    public static final String TABLE = "table.txt";
    public static final String METRICS = "metrics.jsonl";
    public static final String EVENTS = "events";
    public static final String REPORT = "report.html";

    /** Results and costs so far, while the study runs. */
    public static final String PARTIAL = StudySnapshot.PARTIAL;

    /** Beginning of the name of the demo's gym; its seed follows, as a killed process may have made one of another seed. */
    private static final String GYM = "gym-";
    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;
    private final SharedCells cells;

    private StudyFolder(Path folder, SharedCells cells) {
        this.folder = folder;
        this.cells = cells;
    }

    /**
     * Opens a study's folder, or makes one.
     *
     * @param warnings told of damaged cells
     * @throws BadInputException if something else is there
     * @throws org.primer4j.experiment.WriteException if it cannot be written
     */
    public static StudyFolder open(Path folder, Consumer<String> warnings) {
        requireFreeOrStudy(folder);
        try (CloseOnFailure cells = new CloseOnFailure()) {
            StudyFolder opened = new StudyFolder(folder, cells.add(SharedCells.open(folder, warnings)));
            opened.cells.exclusively(opened::removeUnfinished);
            cells.succeeded();
            return opened;
        }
    }

    private static void requireFreeOrStudy(Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new BadInputException(folder + ": found a file; expected a new folder or a study's.");
        }
        // Listed before the manifest is looked for: another process may write it meanwhile, before all others.
        List<Path> entries = WriteException.checked(folder, () -> Folders.list(folder));
        if (Files.exists(folder.resolve(MANIFEST))) {
            return;
        }
        for (Path entry : entries) {
            String name = entry.getFileName().toString();
            // What there may be when a process was killed before it wrote the manifest.
            if (!name.startsWith(".") && !name.equals(SharedCells.CELLS) && !name.startsWith(GYM)) {
                throw new BadInputException(folder + ": found '" + name + "' but no " + MANIFEST + "; expected a new folder or a study's.");
            }
        }
    }

    // All of them are written by one process at a time, so those that are there are of killed ones.
    private void removeUnfinished() {
        WriteException.checked(folder, () -> {
            for (Path entry : Folders.list(folder)) {
                String name = entry.getFileName().toString();
                if (name.startsWith(".") && name.endsWith(".tmp") || name.startsWith("." + GYM)) {
                    Folders.delete(entry);
                }
            }
            return null;
        });
    }

    SharedCells cells() {
        return cells;
    }

    /** The demo's gym, made here of the study's seed. */
    public Path demoGym(StudySpec spec) {
        Path gym = folder.resolve(GYM + spec.seed());
        cells.exclusively(() -> {
            if (!Files.exists(gym)) {
                DemoGym.write(gym, spec.seed());
            }
        });
        return gym;
    }

    /**
     * Makes this the folder of a study.
     *
     * @throws BadInputException naming what differs, if it is another study's
     */
    void agree(StudySpec spec, StudyManifest manifest) {
        cells.exclusively(() -> {
            if (Files.exists(folder.resolve(MANIFEST))) {
                requireSame(folder, manifest);
            } else {
                write(MANIFEST, StudyFiles.MANIFEST.toJson(manifest) + "\n");
            }
            // A process that was killed may have come no further than the manifest.
            if (!Files.exists(folder.resolve(EXPERIMENT))) {
                // A relative folder would be another one from here.
                write(EXPERIMENT, SpecFile.write(StudySpec.DEMO.equals(spec.gym()) ? spec : spec.withGym(null)));
            }
        });
    }

    private static void requireSame(Path folder, StudyManifest manifest) {
        Path file = folder.resolve(MANIFEST);
        SameSettings.require(file, "the folder's cells", map(StudyFiles.MANIFEST.read(file)), map(manifest));
    }

    /**
     * Number of a study's cells that are in a folder, which is only looked at and need not be there.
     *
     * @throws BadInputException if something else is there, or another study
     */
    public static long finished(Path folder, Study study) {
        requireFreeOrStudy(folder);
        if (!Files.exists(folder.resolve(MANIFEST))) {
            return 0;
        }
        requireSame(folder, study.manifest());
        return study.plan().keys().filter(key -> SharedCells.has(folder, key)).count();
    }

    private static Map<String, Object> map(StudyManifest manifest) {
        try {
            return JSON.readValue(StudyFiles.MANIFEST.toJson(manifest), new TypeReference<>() { });
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException("a manifest that was written did not parse", impossible);
        }
    }

    /** Writes what is known so far, for those who look on. */
    void writePartial(StudyResults results, StudyCosts costs) {
        cells.exclusively(() -> {
            if (!Files.exists(folder.resolve(RESULTS))) {
                WriteException.checked(folder, () -> Files.createDirectories(folder.resolve(PARTIAL)));
                write(PARTIAL + "/" + COSTS, StudyFiles.COSTS.toJson(costs) + "\n");
                write(PARTIAL + "/" + RESULTS, StudyFiles.RESULTS.toJson(results) + "\n");
            }
        });
    }

    /** Writes the files of a finished study, the results last. */
    void writeAll(StudyResults results, StudyCosts costs) {
        List<MetricSeries> metrics = StudyMetrics.of(results);
        StudySummary summary = StudySummary.of(results);
        cells.exclusively(() -> {
            write(TABLE, StudyTable.text(summary));
            write(COSTS, StudyFiles.COSTS.toJson(costs) + "\n");
            WriteException.checked(folder, () -> {
                MetricsFile.write(folder.resolve(METRICS), metrics);
                // What a killed process left there too.
                Folders.delete(folder.resolve(EVENTS));
                EventFolder.write(folder.resolve(EVENTS), metrics);
                StudyReport.write(folder.resolve(REPORT), results, summary, costs);
                return null;
            });
            write(RESULTS, StudyFiles.RESULTS.toJson(results) + "\n");
            deletePartial();
        });
    }

    /** The tables of a finished study. */
    public String table() {
        return WriteException.checked(folder, () -> Files.readString(folder.resolve(TABLE)));
    }

    private void deletePartial() {
        WriteException.checked(folder, () -> {
            Folders.delete(folder.resolve(PARTIAL));
            return null;
        });
    }

    private void write(String name, String text) {
        WriteException.checked(folder, () -> {
            AtomicText.write(folder.resolve(name), text);
            return null;
        });
    }

    @Override
    public void close() {
        cells.close();
    }
}
