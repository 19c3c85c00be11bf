package org.primer4j.experiment.study.spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Experiments that come with this library. */
public final class Presets {

    /** From the smallest to the largest. */
    public static final List<String> NAMES = List.of("smoke", "thesis-small", "thesis");

    private Presets() {
    }

    /** The preset of a name among {@link #NAMES}. */
    public static StudySpec read(String name) {
        return SpecFile.parse("preset " + name, text(name));
    }

    /** The first lines of a preset's file, which say what it is: its comment without the marks. */
    public static String description(String name) {
        return String.join(" ", text(name).lines().takeWhile(line -> line.startsWith("#")).map(line -> line.substring(1).strip()).toList());
    }

    private static String text(String name) {
        try (InputStream stream = Presets.class.getResourceAsStream("/org/primer4j/experiment/study/presets/" + name + ".yaml")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the preset " + name + " cannot be read from the class path", e);
        }
    }
}
