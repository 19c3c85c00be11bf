package org.primer4j.experiment.study.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.spec.RecipeSpec.Common;
import org.primer4j.experiment.study.spec.StudySpec.PrimingSamples;
import org.primer4j.training.TuningChoice.Protocol;

/** Reads and writes an experiment's YAML file. {@code docs/experiment.md} describes its keys. */
public final class SpecFile {

    private static final Set<String> KEYS = Set.of("version", "name", "model", "gym", "tasks", "seed", "text", "priming", "recipes", "methods", "tuning");
    private static final List<Integer> PRIMING_SAMPLES = List.of(100, 13, 21, 42, 87);
    private static final Set<String> PRIMING_OWN = Set.of("protocol", "samples", "dev-samples");
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES).enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.SPLIT_LINES).build());

    private SpecFile() {
    }

    /**
     * The experiment of a file. A gym's relative folder is one beside the file.
     *
     * @throws BadInputException naming file and line, if it cannot be read or says something that makes no sense
     */
    public static StudySpec read(Path file) {
        try {
            StudySpec spec = parse(file.toString(), Files.readString(file));
            boolean folder = spec.gym() != null && !spec.gym().equals(StudySpec.DEMO);
            return folder ? spec.withGym(file.resolveSibling(spec.gym()).toString()) : spec;
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file; expected an experiment's YAML file, or one of the presets "
                    + String.join(", ", Presets.NAMES) + ".", e);
        } catch (CharacterCodingException e) {
            throw new BadInputException(file + ": the file is not UTF-8; expected an experiment's YAML file.", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read (" + e + "); expected an experiment's YAML file.", e);
        }
    }

    /**
     * The experiment of a text.
     *
     * @param file what complaints call it
     */
    static StudySpec parse(String file, String text) {
        Section root = Section.of("an experiment", YamlFile.read(file, text), KEYS);
        requireVersion(root);
        Section tuning = TuningSpec.section(root.get("tuning"));
        TuningSpec tuned = TuningSpec.read(tuning);
        Common common = common(root.get("priming"));
        root.required("name");
        root.required("recipes");
        root.required("methods");
        Long seed = root.integer("seed");
        return new StudySpec(root.name("name"), root.has("model") ? root.text("model") : "minilm", root.text("gym"), TaskSpec.read(root.get("tasks")),
                seed == null ? 1 : seed, TextSpec.read(root.get("text")), primingSamples(root.get("priming")),
                RecipeSpec.read(root.get("recipes"), common), MethodSpec.read(root.get("methods"), tuned), tuned.samples(tuning), tuned);
    }

    private static void requireVersion(Section root) {
        YamlNode version = root.required("version");
        if (root.integer("version") != StudySpec.VERSION) {
            throw version.bad("version is " + version.shown() + "; expected " + StudySpec.VERSION + ", which this primer reads");
        }
    }

    private static Common common(YamlNode node) {
        if (node == null) {
            return new Common(false, null, Map.of());
        }
        Section section = Section.of("priming", node, node.map("priming").keySet());
        return new Common(TuningSpec.protocol(section) == Protocol.crossfit, node, RecipeSpec.settings(node, PRIMING_OWN));
    }

    private static PrimingSamples primingSamples(YamlNode node) {
        if (node == null) {
            return new PrimingSamples(PRIMING_SAMPLES, PRIMING_SAMPLES.subList(0, 1));
        }
        Section section = Section.of("priming", node, node.map("priming").keySet());
        List<Integer> train = section.has("samples") ? section.integers("samples", 0) : PRIMING_SAMPLES;
        return new PrimingSamples(train, section.has("dev-samples") ? section.integers("dev-samples", 0) : train.subList(0, 1));
    }

    /** The experiment as a file, nothing left to defaults. */
    public static String write(StudySpec spec) {
        try {
            return YAML.writeValueAsString(spec.toMap());
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException("a map of texts and numbers did not serialise", impossible);
        }
    }
}
