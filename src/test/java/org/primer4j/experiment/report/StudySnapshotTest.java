package org.primer4j.experiment.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.StudyFiles;
import org.primer4j.experiment.study.StudyManifest;

class StudySnapshotTest {

    private static final StudyManifest MANIFEST = StudySample.manifest(List.of("mtl"), List.of("lora"), List.of("a", "b"), List.of(1));

    @TempDir
    private Path folder;

    private void write(Path into, int runs) throws Exception {
        Files.createDirectories(into);
        StudySample sample = StudySample.of(MANIFEST, runs);
        StudyFiles.COSTS.write(into.resolve("costs.json"), sample.costs());
        StudyFiles.RESULTS.write(into.resolve("results.json"), sample.results());
    }

    @Test
    void followsAStudyFromItsManifestToItsResults() throws Exception {
        assertFalse(StudySnapshot.isStudy(folder));
        StudyFiles.MANIFEST.write(folder.resolve("manifest.json"), MANIFEST);
        assertTrue(StudySnapshot.isStudy(folder));
        assertEquals(0, StudySnapshot.read(folder).results().runs().size());
        write(folder.resolve("partial"), 2);
        assertEquals(2, StudySnapshot.read(folder).results().runs().size());
        write(folder, 4);
        assertEquals(4, StudySnapshot.read(folder).results().runs().size());
    }

    @Test
    void refusesWhatIsNoStudy() throws Exception {
        assertThrows(BadInputException.class, () -> StudySnapshot.read(folder));
        StudyFiles.MANIFEST.write(folder.resolve("manifest.json"), MANIFEST);
        write(folder.resolve("partial"), 2);
        Files.writeString(folder.resolve("partial/results.json"), "{");
        BadInputException refused = assertThrows(BadInputException.class, () -> StudySnapshot.read(folder));
        assertTrue(refused.getMessage().contains("partial"), refused.getMessage());
    }
}
