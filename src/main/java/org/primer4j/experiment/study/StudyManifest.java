package org.primer4j.experiment.study;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.primer4j.Checks;
import org.primer4j.experiment.Settings;

/**
 * What a study consists of and all that is needed to run it again: the content of {@code manifest.json}. It is known
 * before the first run, so a study in progress has it too.
 *
 * @param schemaVersion the file's layout, {@link #SCHEMA_VERSION}
 * @param name          the study's name
 * @param primerVersion version of this library
 * @param commit        commit it was built from, empty if unknown
 * @param seed          the study's seed; the intervals' too
 * @param device        the device it runs on
 * @param threads       number of compute threads
 * @param model         the pretrained model's name or folder
 * @param modelSha256   SHA-256 of the model
 * @param taskSha256    SHA-256 of the rows read, by task
 * @param trainTasks    tasks primed on
 * @param devTasks      tasks that choose the best priming step
 * @param testTasks     tasks tuned on, in the order of tables; disjoint from the others
 * @param recipes       the recipes that prime, in the order of tables; {@link StudyRun#DIRECT} is always there beside them
 * @param methods       the methods tuned, in the order of tables
 * @param samples       the few-shot samples' seeds of every test task
 * @param settings      the study's settings (see {@link Settings})
 */
public record StudyManifest(int schemaVersion, String name, String primerVersion, String commit, long seed, String device,
                            int threads, String model, String modelSha256, Map<String, String> taskSha256,
                            List<String> trainTasks, List<String> devTasks, List<String> testTasks, List<String> recipes,
                            List<String> methods, List<Integer> samples, Map<String, Object> settings) {

    public static final int SCHEMA_VERSION = 1;

    public StudyManifest {
        Checks.version(schemaVersion, SCHEMA_VERSION);
        Checks.notBlank("name", name);
        Checks.present("primerVersion", primerVersion);
        Checks.present("commit", commit);
        Checks.present("device", device);
        Checks.notNegative("threads", threads);
        Checks.present("model", model);
        Checks.sha256("modelSha256", modelSha256);
        taskSha256 = hashes(taskSha256);
        trainTasks = Checks.distinct("trainTasks", trainTasks);
        devTasks = Checks.distinct("devTasks", devTasks);
        testTasks = Checks.some("testTasks", Checks.distinct("testTasks", testTasks));
        refuseLeaks(trainTasks, devTasks, testTasks);
        recipes = Checks.distinct("recipes", recipes);
        if (recipes.contains(StudyRun.DIRECT)) {
            throw new IllegalArgumentException("recipes contains \"direct\", which is always there; expected recipes that prime");
        }
        methods = Checks.some("methods", Checks.distinct("methods", methods));
        samples = Checks.some("samples", Checks.distinct("samples", samples));
        settings = Settings.canonical(settings);
    }

    private static Map<String, String> hashes(Map<String, String> found) {
        Map<String, String> sorted = new TreeMap<>(Checks.present("taskSha256", found));
        sorted.forEach((task, sha256) -> Checks.sha256("taskSha256 of " + task, sha256));
        return Collections.unmodifiableMap(sorted);
    }

    private static void refuseLeaks(List<String> train, List<String> dev, List<String> test) {
        Set<String> seen = new HashSet<>(train);
        seen.addAll(dev);
        for (String task : test) {
            if (seen.contains(task)) {
                throw new IllegalArgumentException("testTasks contains \"%s\", which is primed on too; expected other tasks".formatted(task));
            }
        }
    }

    /** Number of tuning runs of the whole study. */
    public long plannedRuns() {
        return (recipes.size() + 1L) * methods.size() * testTasks.size() * samples.size();
    }

    /** The position of each of {@code names}. */
    static <T> Map<T, Integer> positions(List<T> names) {
        Map<T, Integer> positions = new HashMap<>();
        names.forEach(name -> positions.put(name, positions.size()));
        return positions;
    }
}
