package org.primer4j.experiment;

import java.nio.file.Path;

/** Reads and writes {@link Results} as JSON, strictly (see {@link VersionedJson}). */
public final class ResultsFile {

    private static final VersionedJson<Results> JSON =
            new VersionedJson<>(Results.class, Results.SCHEMA_VERSION, "results.json of an experiment");

    private ResultsFile() {
    }

    /**
     * The results in {@code file}.
     *
     * @throws org.primer4j.BadInputException if it is missing, malformed, of another schema version, or holds invalid values
     */
    public static Results read(Path file) {
        return JSON.read(file);
    }

    /**
     * Writes {@code file} whole or not at all.
     *
     * @throws org.primer4j.BadInputException if it cannot be written
     */
    public static void write(Path file, Results results) {
        JSON.write(file, results);
    }

    /** The results as indented JSON. */
    public static String toJson(Results results) {
        return JSON.toJson(results);
    }
}
