package org.primer4j.experiment;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.Checks;
import org.primer4j.priming.PrimingResult;

/**
 * Everything an experiment found and all that is needed to run it again: the content of {@code results.json}.
 *
 * @param schemaVersion the file's layout, {@link #SCHEMA_VERSION}
 * @param command       the command line
 * @param primerVersion version of this library
 * @param commit        commit it was built from, empty if unknown
 * @param seed          the experiment's seed
 * @param device        the device it ran on
 * @param threads       number of compute threads
 * @param model         the pretrained model's name or folder
 * @param settings      the experiment's settings (see {@link Settings})
 * @param priming       the priming phase, null where none was run
 * @param runs          the runs, each task, method, objective, start and sample at most once
 * @param seconds       wall time of the whole experiment
 */
public record Results(int schemaVersion, String command, String primerVersion, String commit, long seed, String device,
                      int threads, String model, Map<String, Object> settings, PrimingResult priming,
                      List<RunResult> runs, double seconds) {

    public static final int SCHEMA_VERSION = 3;

    public Results {
        Checks.version(schemaVersion, SCHEMA_VERSION);
        Checks.present("command", command);
        Checks.present("primerVersion", primerVersion);
        Checks.present("commit", commit);
        Checks.present("device", device);
        Checks.notNegative("threads", threads);
        Checks.present("model", model);
        Checks.duration("seconds", seconds);
        settings = Settings.canonical(settings);
        runs = Checks.list("runs", runs);
        refuseRepeats(runs);
    }

    private static void refuseRepeats(List<RunResult> runs) {
        Set<RunResult.Key> seen = new HashSet<>();
        for (RunResult run : runs) {
            if (!seen.add(run.key())) {
                throw new IllegalArgumentException("the run of " + run.key() + " is there twice, expected once");
            }
        }
    }
}
