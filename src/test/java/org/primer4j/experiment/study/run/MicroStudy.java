package org.primer4j.experiment.study.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.primer4j.engine.Device;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.spec.SpecFile;
import org.primer4j.experiment.study.spec.StudySpec;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.model.io.ModelReference;
import org.primer4j.progress.Progress;

/** A study of a tiny model on tiny tasks, whose cells take milliseconds. */
public final class MicroStudy {

    public static final String TEXT = """
        version: 1
        name: micro
        model: MODEL
        gym: gym
        tasks: {train: [weather, food], dev: [], test: [mood, animal]}
        seed: 3
        text: {max-length: 32, max-tokens: 256}
        priming: {samples: [13, 21], steps: 4, learning-rate: 3e-3}
        recipes:
          - {name: mtl-plm, algorithm: mtl, tune: plm, batch: 4}
          - {name: same, algorithm: mtl, tune: plm, batch: 4}
          - {name: mtl-peft, algorithm: mtl, tune: peft, batch: 4}
        methods:
          - {method: lora, rank: 2}
          - {method: houlsby, bottleneck: 3}
        tuning: {samples: [13, 21], steps: 4, rates: [1e-2, 3e-3], batches: [4], evaluate-every: 2}
        """;

    private MicroStudy() {
    }

    /** Writes model, gym and experiment below a folder; gives the experiment's file. */
    public static Path write(Path folder, String text) {
        try {
            Path file = folder.resolve("micro.yaml");
            Files.writeString(file, text.replace("MODEL", TinyModel.write(folder, 1).toString()));
            TinyGym.write(folder);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StudySetup setup(Path file) {
        StudySpec spec = SpecFile.read(file);
        return StudySetup.of(spec, new ModelReference(spec.model()).read(), Device.cpu(1), Path.of(spec.gym()));
    }

    public static StudyResults run(Path file, Path out, Progress progress) {
        try (StudyFolder folder = StudyFolder.open(out, warning -> { })) {
            return Study.of(setup(file)).run(folder, progress);
        }
    }

    /** The files that are the same bytes whenever a study is finished, by name; the others show costs. */
    public static Map<String, String> lawful(Path out) {
        Map<String, String> files = new TreeMap<>();
        try (var entries = Files.list(out); var events = Files.walk(out.resolve(StudyFolder.EVENTS))) {
            for (Path file : Stream.concat(entries, events).filter(Files::isRegularFile)
                    .filter(f -> !f.endsWith(StudyFolder.COSTS) && !f.endsWith(StudyFolder.REPORT)).toList()) {
                files.put(out.relativize(file).toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
