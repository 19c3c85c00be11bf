package org.primer4j.gym;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small gyms for tests. */
final class Gyms {

    static final String LABELLED = "great film\tgood\nawful film\tbad\nfine film\tgood\npoor film\tbad\n";

    private Gyms() {
    }

    static Path file(Path gym, String task, int seed, String part) {
        return gym.resolve(task).resolve(task + "_16_" + seed + "_" + part + ".tsv");
    }

    static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void sample(Path gym, String task, int seed, String train, String dev, String test) {
        write(file(gym, task, seed, "train"), train);
        write(file(gym, task, seed, "dev"), dev);
        write(file(gym, task, seed, "test"), test);
    }
}
