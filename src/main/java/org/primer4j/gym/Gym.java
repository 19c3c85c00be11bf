package org.primer4j.gym;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.primer4j.BadInputException;

/**
 * A folder of few-shot tasks in CrossFit's layout (Ye et al. 2021): {@code <task>/<task>_16_<seed>_{train,dev,test}.tsv}
 * with lines {@code input<TAB>output}. Types and metrics come from {@code tasks.tsv}; a folder it does not list is a
 * task too, whose type is told from its train file. Files are read when asked for; nothing is kept but the names.
 */
public final class Gym {

    private static final String SHOTS = "_16_";

    private final Path folder;
    private final Map<String, TaskInfo> table;
    private final Set<String> names;

    private Gym(Path folder, Map<String, TaskInfo> table, Set<String> names) {
        this.folder = folder;
        this.table = table;
        this.names = names;
    }

    /**
     * Opens a gym without reading any task.
     *
     * @throws BadInputException if the folder is missing or holds no task, or its {@code tasks.tsv} is malformed
     */
    public static Gym open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(folder + ": there is no such folder; expected a gym of <task>/<task>_16_<seed>_train.tsv files.");
        }
        Path tasksFile = folder.resolve("tasks.tsv");
        Map<String, TaskInfo> table = Files.exists(tasksFile) ? TaskTable.read(tasksFile) : Map.of();
        Set<String> names = new LinkedHashSet<>(table.keySet());
        names.addAll(taskFolders(folder));
        if (names.isEmpty()) {
            throw new BadInputException(folder + ": the folder holds no task; expected <task>/<task>_16_<seed>_train.tsv files.");
        }
        return new Gym(folder, table, names);
    }

    /** The tasks' names: those of {@code tasks.tsv} in its order, then the other folders, sorted. */
    public List<String> names() {
        return List.copyOf(names);
    }

    /** All tasks, in the order of {@link #names}. Reads the train files of those that {@code tasks.tsv} does not list. */
    public List<TaskInfo> tasks() {
        return names.stream().map(this::info).toList();
    }

    /**
     * What is known of a task.
     *
     * @throws BadInputException if there is no such task (the sentence names the nearest ones)
     */
    public TaskInfo info(String task) {
        require(task);
        TaskInfo listed = table.get(task);
        return listed != null ? listed : inferred(task);
    }

    /**
     * The seeds a task has train files for, ascending.
     *
     * @throws BadInputException if there is no such task, or it has no files
     */
    public List<Integer> seeds(String task) {
        require(task);
        List<Integer> seeds = seeds(folder, task);
        if (seeds.isEmpty()) {
            throw new BadInputException(folder.resolve(task) + ": found no train file of the task; expected "
                    + task + SHOTS + "<seed>_train.tsv.");
        }
        return seeds;
    }

    /**
     * Reads one sample of a task.
     *
     * @throws BadInputException if the task, the seed or a file is missing, a line is malformed, or an output of a
     *                           classification or multiple-choice task is no candidate (see {@link Candidates}), or
     *                           one that is scored by correlation is no number
     */
    public TaskSample read(String task, int seed) {
        TaskInfo info = info(task);
        List<Integer> seeds = seeds(task);
        if (!seeds.contains(seed)) {
            throw new BadInputException("Task " + task + " has no seed " + seed + " in " + folder + "; it has " + seeds + ".");
        }
        List<Example> train = ExampleFile.read(file(task, seed, "train"));
        return new TaskSample(info, seed, checked(info, train, seed, "train", train),
                part(info, train, seed, "dev"), part(info, train, seed, "test"));
    }

    private List<Example> part(TaskInfo info, List<Example> train, int seed, String part) {
        return checked(info, train, seed, part, ExampleFile.read(file(info.name(), seed, part)));
    }

    private List<Example> checked(TaskInfo info, List<Example> train, int seed, String part, List<Example> examples) {
        Path file = file(info.name(), seed, part);
        if (info.type().closed()) {
            Candidates.of(info, train).check(file, examples);
        }
        if (info.metricName().equals(Metric.PEARSON.officialName())) {
            requireNumbers(file, examples);
        }
        return examples;
    }

    private static void requireNumbers(Path file, List<Example> examples) {
        for (int i = 0; i < examples.size(); i++) {
            if (Double.isNaN(Numbers.parse(examples.get(i).output()))) {
                throw new BadInputException(file + ":" + (i + 1) + ": the output '" + examples.get(i).output()
                        + "' is no number; expected one, as the task's metric is " + Metric.PEARSON.officialName() + ".");
            }
        }
    }

    private Path file(String task, int seed, String part) {
        return folder.resolve(task).resolve(task + SHOTS + seed + "_" + part + ".tsv");
    }

    private void require(String task) {
        if (!names.contains(task)) {
            throw new BadInputException("There is no task '" + task + "' in " + folder + "; the nearest names are "
                    + Names.nearest(task, names) + ".");
        }
    }

    private TaskInfo inferred(String task) {
        List<Example> train = ExampleFile.read(file(task, seeds(task).get(0), "train"));
        if (train.stream().allMatch(Gym::hasOptions)) {
            return new TaskInfo(task, TaskType.MULTIPLE_CHOICE, Metric.ACC.officialName());
        }
        // A label comes at least twice on average; free-text answers hardly repeat.
        boolean repeats = train.stream().map(Example::output).distinct().count() * 2 <= train.size();
        return repeats ? new TaskInfo(task, TaskType.CLASSIFICATION, Metric.ACC.officialName())
                : new TaskInfo(task, TaskType.FREE_TEXT, Metric.EM.officialName());
    }

    private static boolean hasOptions(Example example) {
        return Options.parse(example.input()).filter(options -> options.indexOf(example.output()) >= 0).isPresent();
    }

    private static List<String> taskFolders(Path folder) {
        return list(folder, Files::isDirectory).stream().map(path -> path.getFileName().toString())
                .filter(name -> !seeds(folder, name).isEmpty()).sorted().toList();
    }

    private static List<Integer> seeds(Path folder, String task) {
        Path taskFolder = folder.resolve(task);
        if (!Files.isDirectory(taskFolder)) {
            return List.of();
        }
        Pattern trainFile = Pattern.compile(Pattern.quote(task + SHOTS) + "(0|[1-9]\\d{0,8})_train\\.tsv");
        return list(taskFolder, Files::isRegularFile).stream().map(path -> trainFile.matcher(path.getFileName().toString()))
                .filter(Matcher::matches).map(match -> Integer.valueOf(match.group(1))).sorted().toList();
    }

    private static List<Path> list(Path folder, Predicate<Path> filter) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(filter).toList();
        } catch (IOException e) {
            throw new BadInputException(folder + ": the folder cannot be listed (" + e.getMessage() + "); expected a readable gym.", e);
        }
    }
}
