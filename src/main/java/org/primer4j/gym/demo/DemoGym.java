package org.primer4j.gym.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.primer4j.BadInputException;
import org.primer4j.files.Folders;

/**
 * Writes the demo's gym in CrossFit's layout (Ye et al. 2021): {@code <task>/<task>_16_<sample>_{train,dev,test}.tsv}
 * with lines {@code input<TAB>output}, {@code tasks.tsv} and {@code splits.json}.
 */
public final class DemoGym {

    /** The sample seeds that the file names carry; each is another draw of the task. */
    public static final List<Integer> SAMPLES = List.of(100, 13, 21, 42, 87);

    private DemoGym() {
    }

    /**
     * Writes the gym to a folder that is absent or empty; it appears there whole or not at all.
     *
     * @param folder the gym's folder, made with its parents
     * @param seed the same seed gives the same bytes
     * @throws BadInputException if the folder holds something or cannot be written
     */
    public static void write(Path folder, long seed) {
        Map<String, List<String>> splits = new LinkedHashMap<>();
        splits.put("train", DemoTasks.TRAIN.stream().map(DemoTask::name).toList());
        splits.put("dev", List.of());
        splits.put("test", DemoTasks.TEST.stream().map(DemoTask::name).toList());
        write(folder, DemoTasks.all(), splits, (task, number) -> Sample.draw(task, number, seed));
    }

    /** Draws a sample of a task. */
    @FunctionalInterface
    interface Draw {
        Sample of(DemoTask task, int number);
    }

    /** As {@link #write(Path, long)}, with other tasks. */
    static void write(Path folder, List<DemoTask> tasks, Map<String, List<String>> splits, Draw draw) {
        Path target = folder.toAbsolutePath().normalize();
        refuseContent(target);
        try {
            Files.createDirectories(target.getParent());
            // Not createTempDirectory: its folder, and so the gym, would be closed to everyone but the owner.
            Path beside = Files.createDirectory(target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID()));
            try {
                fill(beside, tasks, splits, draw);
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                // After the move there is nothing.
                Folders.delete(beside);
            }
        } catch (IOException e) {
            throw new BadInputException(folder + ": the demo's gym cannot be written there (" + e + "), name a folder you may write to", e);
        }
    }

    private static void refuseContent(Path target) {
        if (target.getParent() == null) {
            throw new BadInputException(target + ": is the root of a file system, name a folder below it for the demo's gym");
        }
        if (Files.exists(target) && !isEmptyFolder(target)) {
            throw new BadInputException(target + ": is not an empty folder, name a new one for the demo's gym or remove it first");
        }
    }

    private static boolean isEmptyFolder(Path path) {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> content = Files.list(path)) {
            return content.findAny().isEmpty();
        } catch (IOException e) {
            throw new BadInputException(path + ": cannot be listed (" + e + "), name a folder you may read and write", e);
        }
    }

    private static void fill(Path folder, List<DemoTask> tasks, Map<String, List<String>> splits, Draw draw) throws IOException {
        List<String> table = new ArrayList<>(List.of("task\ttype\tmetric\tlabels\ttrain\tdev\ttest"));
        for (DemoTask task : tasks) {
            Files.createDirectory(folder.resolve(task.name()));
            for (int number : SAMPLES) {
                write(folder, task, number, draw.of(task, number));
            }
            table.add(tableRow(task, draw.of(task, SAMPLES.get(0))));
        }
        writeLines(folder.resolve("tasks.tsv"), table);
        writeLines(folder.resolve("splits.json"), List.of(json(splits)));
    }

    private static void write(Path folder, DemoTask task, int number, Sample sample) throws IOException {
        String stem = task.name() + "_" + Sample.SHOTS + "_" + number + "_";
        Path place = folder.resolve(task.name());
        writeLines(place.resolve(stem + "train.tsv"), lines(sample.train()));
        writeLines(place.resolve(stem + "dev.tsv"), lines(sample.dev()));
        writeLines(place.resolve(stem + "test.tsv"), lines(sample.test()));
    }

    private static List<String> lines(List<Row> rows) {
        return rows.stream().map(Row::line).toList();
    }

    private static String tableRow(DemoTask task, Sample sample) {
        return String.join("\t", task.name(), task.type(), task.metric(), String.valueOf(task.labels().size()),
                String.valueOf(sample.train().size()), String.valueOf(sample.dev().size()), String.valueOf(sample.test().size()));
    }

    private static String json(Map<String, List<String>> splits) throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(splits);
    }

    /** Writes through to the disk: after the folder's rename no file can be found short. */
    private static void writeLines(Path file, List<String> lines) throws IOException {
        byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        Files.write(file, bytes, StandardOpenOption.CREATE_NEW);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
