package org.primer4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.primer4j.BadInputException;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.gym.TaskInfo;
import picocli.CommandLine.Option;

/** Which tasks of which gym. */
final class TaskOptions {

    @Option(names = "--gym", paramLabel = "DIR", required = true, description = "Folder of tasks: TASK/TASK_16_SAMPLE_{train,dev,test}.tsv.")
    private Path folder;

    @Option(names = "--tasks", paramLabel = "NAME", split = ",", description = "Tasks (default: as the gym's splits.json says).")
    private List<String> tasks;

    Gym open() {
        return Gym.open(folder);
    }

    Path folder() {
        return folder;
    }

    /**
     * The tasks named, or those of a split that can be answered.
     *
     * @param split chooses from the gym's splits.json
     * @param writes whether the model writes its answers, so that it can answer tasks of every type
     */
    List<String> choose(Gym gym, Function<Splits, List<String>> split, boolean writes, Console console) {
        return tasks != null ? named("--tasks", tasks, gym, writes) : ofSplit("--tasks", gym, split, writes, console);
    }

    /** Tasks that an option names, all of which must be answerable. */
    static List<String> named(String option, List<String> tasks, Gym gym, boolean writes) {
        Valid.distinct(option, tasks).forEach(task -> requireAnswerable(gym.info(task), writes));
        return tasks;
    }

    /**
     * Those tasks of a split that can be answered.
     *
     * @param option that names tasks instead
     */
    List<String> ofSplit(String option, Gym gym, Function<Splits, List<String>> split, boolean writes, Console console) {
        List<String> chosen = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        split.apply(Splits.read(folder.resolve("splits.json"), gym)).forEach(task -> (writes || gym.info(task).type().closed() ? chosen : skipped).add(task));
        if (!skipped.isEmpty()) {
            console.log("skipping " + skipped.size() + " tasks that are neither classification nor multiple choice: " + String.join(", ", skipped));
        }
        if (chosen.isEmpty()) {
            throw new BadInputException(folder.resolve("splits.json")
                + ": this split has no classification or multiple-choice task; expected at least one, or " + option + ".");
        }
        chosen.forEach(task -> gym.info(task).metric());
        return chosen;
    }

    private static void requireAnswerable(TaskInfo info, boolean writes) {
        if (!writes && !info.type().closed()) {
            throw new BadInputException("Task " + info.name() + " has free-text outputs; expected a classification or multiple-choice task, or a model that"
                + " writes (bart, t5).");
        }
        info.metric();
    }

    /** Refuses samples that a task lacks, with those it has: all in one sentence. */
    static void requireSamples(Gym gym, List<String> tasks, List<Integer> samples) {
        Map<String, List<Integer>> lacking = new TreeMap<>();
        for (String task : tasks) {
            List<Integer> missing = new ArrayList<>(samples);
            missing.removeAll(gym.seeds(task));
            if (!missing.isEmpty()) {
                lacking.put(task, missing);
            }
        }
        if (!lacking.isEmpty()) {
            String first = lacking.keySet().iterator().next();
            throw new BadInputException("--samples: task " + first + " has no sample " + lacking.get(first) + "; it has " + gym.seeds(first)
                + (lacking.size() > 1 ? ", and " + (lacking.size() - 1) + " more tasks lack samples" : "") + ".");
        }
    }
}
