package org.primer4j.experiment.study;

import org.primer4j.experiment.VersionedJson;

/** The JSON files of a study's folder, as {@code StudyFiles.RESULTS.read(folder.resolve("results.json"))}. */
public final class StudyFiles {

    public static final VersionedJson<StudyResults> RESULTS =
            new VersionedJson<>(StudyResults.class, StudyResults.SCHEMA_VERSION, "results.json of a study");
    public static final VersionedJson<StudyManifest> MANIFEST =
            new VersionedJson<>(StudyManifest.class, StudyManifest.SCHEMA_VERSION, "manifest.json of a study");
    public static final VersionedJson<StudyCosts> COSTS =
            new VersionedJson<>(StudyCosts.class, StudyCosts.SCHEMA_VERSION, "costs.json of a study");

    private StudyFiles() {
    }
}
