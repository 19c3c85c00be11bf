package org.primer4j.experiment.study.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.primer4j.BadInputException;
import org.primer4j.peft.BottleneckAdapter;
import org.primer4j.priming.Algorithm;
import org.primer4j.priming.Tunables;

class SpecFileTest {

    private static final String SOUND = """
        version: 1
        name: small
        gym: tasks
        tasks: {train: [a, b], dev: [], test: [c]}
        seed: 7
        text: {max-length: 64, objective: joint}
        priming: {samples: [13], steps: 9, inner-steps: 2}
        recipes:
          - {name: first, algorithm: mtl, tune: plm, learning-rate: 1e-4}
          - {algorithm: maml, tune: plm, inner: peft, steps: 5}
        methods:
          - {method: lora, rank: 4}
          - {method: houlsby, bottleneck: 8, rates: [1e-3, 2.0e-3]}
        tuning: {protocol: quick, samples: [13, 21], steps: 10, rates: [0.01], batches: [4]}
        """;

    @TempDir
    Path folder;

    private static StudySpec parse(String text) {
        return SpecFile.parse("FILE", text);
    }

    @Test
    void everyValueArrivesWhereItBelongs() {
        StudySpec spec = parse(SOUND);
        assertEquals(List.of("small", "minilm", "tasks"), List.of(spec.name(), spec.model(), spec.gym()));
        assertEquals(new TaskSpec(List.of("a", "b"), List.of(), List.of("c")), spec.tasks());
        assertEquals(7, spec.seed());
        assertEquals(64, spec.text().choice().maxLength());
        RecipeSpec mtl = spec.recipes().get(0);
        assertEquals("first", mtl.name());
        assertEquals(Algorithm.MTL, mtl.recipe().algorithm());
        assertEquals(1e-4, mtl.recipe().outer().rate());
        assertEquals(9, mtl.recipe().outer().training().steps(), "all recipes' steps");
        RecipeSpec maml = spec.recipes().get(1);
        assertEquals("maml-plm-peft", maml.name());
        assertEquals(Tunables.PEFT, maml.recipe().inner());
        assertEquals(5, maml.recipe().outer().training().steps(), "its own steps");
        assertEquals(2, maml.recipe().loop().steps());
        MethodSpec houlsby = spec.methods().get(1);
        assertEquals(new BottleneckAdapter(8, BottleneckAdapter.Placement.HOULSBY), houlsby.method());
        assertEquals(List.of(1e-3, 2e-3), houlsby.tuning().grid().rates());
        assertEquals(List.of(0.01), spec.methods().get(0).tuning().grid().rates());
        assertEquals(10, houlsby.tuning().training().steps());
        assertEquals(List.of(13, 21), spec.samples());
    }

    @Test
    void whatIsWrittenIsReadToTheSame() {
        for (StudySpec spec : List.of(parse(SOUND), Presets.read("smoke"), Presets.read("thesis-small"), Presets.read("thesis"))) {
            String written = SpecFile.write(spec);
            StudySpec again = SpecFile.parse("written", written);
            assertEquals(spec.toMap(), again.toMap());
            assertEquals(written, SpecFile.write(again));
        }
    }

    @Test
    void thePresetsCoverWhatTheyPromise() {
        StudySpec thesis = Presets.read("thesis");
        for (Algorithm algorithm : Algorithm.values()) {
            List<Tunables> tuned = thesis.recipes().stream().map(RecipeSpec::recipe).filter(r -> r.algorithm() == algorithm).map(r -> r.tune()).distinct().toList();
            assertEquals(List.of(Tunables.values()), tuned, algorithm.text());
        }
        assertEquals(List.of("adapter", "lora", "prefix", "prompt", "bitfit", "ia3"), thesis.methods().stream().map(MethodSpec::name).toList());
        assertEquals(List.of(13, 21, 42, 87, 100), thesis.samples());
        assertTrue(thesis.methods().stream().allMatch(m -> m.tuning().trials().size() == 9), "full grids");
        Presets.NAMES.forEach(name -> assertFalse(Presets.description(name).isBlank(), name));
    }

    @Test
    void aGymIsBesideItsFile() throws Exception {
        Path file = folder.resolve("e.yaml");
        Files.writeString(file, SOUND);
        assertEquals(folder.resolve("tasks").toString(), SpecFile.read(file).gym());
        Files.writeString(file, SOUND.replace("gym: tasks", "gym: demo"));
        assertEquals("demo", SpecFile.read(file).gym());
    }

    @Test
    void aFileThatCannotBeReadIsRefused() throws Exception {
        Path file = folder.resolve("e.yaml");
        assertTrue(refused(() -> SpecFile.read(file)).contains("there is no such file"));
        Files.write(file, "name: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(refused(() -> SpecFile.read(file)).contains("not UTF-8"));
    }

    static final List<Arguments> CHANGES = List.of(
        change("version: 1", "version: 2", 1, "version is '2'; expected 1"),
        change("version: 1\n", "", 1, "lacks the key 'version'"),
        change("seed: 7", "sed: 7", 5, "no key 'sed'; the nearest are seed"),
        change("seed: 7", "seed: 7\nseed: 8", 6, "uplicate"),
        change("seed: 7", "seed: seven", 5, "seed is 'seven'; expected a whole number"),
        change("seed: 7", "seed: 99999999999999999999", 5, "expected a whole number"),
        change("name: small", "name: &x small\nmodel: *x", 3, "anchor or alias"),
        change("name: small", "name: a/b", 2, "name is 'a/b'"),
        change("name: first", "name: a/b", 9, "name is 'a/b'; expected up to 60 letters"),
        change("name: first", "name: " + "r".repeat(61), 9, "expected up to 60 letters"),
        change("rank: 4", "name: " + "m".repeat(61), 12, "expected up to 60 letters"),
        change("learning-rate: 1e-4", "learning-rate: 1d", 9, "learning-rate is '1d'; expected a number"),
        change("learning-rate: 1e-4", "learning-rate: NaN", 9, "learning-rate is 'NaN'; expected a number"),
        change("steps: 5", "steps: 99999999999", 10, "steps is '99999999999'; expected a smaller whole number"),
        change("name: small", "name:", 2, "name is empty"),
        change("train: [a, b]", "train: [a, c]", 4, "the task c is among train and test"),
        change("dev: []", "dev: [b]", 4, "the task b is among train and dev"),
        change("train: [a, b]", "train: [a, a]", 4, "expected each once"),
        change("train: [a, b]", "train: []", 4, "train is an empty list"),
        change("train: [a, b]", "train: all", 4, "train is 'all'; expected 'split'"),
        change("max-length: 64", "max_length: 64", 6, "no key 'max_length'; the nearest are max-length"),
        change("max-length: 64", "max-length: 0", 6, "max-length is '0'; expected a whole number of at least 1"),
        change("max-length: 64", "max-length: 6.5", 6, "max-length is '6.5'"),
        change("objective: joint", "objective: guess", 6, "objective is 'guess'; expected one of matching, joint, seq2seq"),
        change("samples: [13], steps: 9", "samples: 13, steps: 9", 7, "samples is '13'; expected a list"),
        change("inner-steps: 2}", "inner-step: 2}", 7, "priming has the key 'inner-step', but no recipe's algorithm has such a setting"),
        change("inner-steps: 2}", "inner_steps: 2}", 7, "there is no key 'inner_steps'; expected dashes, as in 'inner-steps'"),
        change("inner-steps: 2}", "no_such: 2}", 7, "there is no key 'no_such'"),
        change("learning-rate: 1e-4", "learning-rate: 1e-4, learning_rate: 1e-3", 9, "there is no key 'learning_rate'"),
        change("tune: plm, learning-rate: 1e-4", "learning-rate: 1e-4", 9, "lacks the key 'tune'"),
        change("learning-rate: 1e-4", "learning-rat: 1e-4", 9, "mtl has no setting 'learning-rat'; the nearest that it has are learning-rate"),
        change("learning-rate: 1e-4", "learning-rate: -1", 9, "a rate > 0"),
        change("learning-rate: 1e-4", "learning-rate: high", 9, "learning-rate is 'high'; expected a number"),
        change("learning-rate: 1e-4", "inner: plm", 9, "mtl cannot have tune plm with inner plm: it has no inner loop"),
        change("inner: peft, steps: 5", "inner: both, steps: 5", 10, "maml cannot have tune plm with inner both"),
        change("algorithm: maml", "algorithm: mam", 10, "there is no algorithm 'mam'"),
        change("algorithm: maml", "name: first, algorithm: maml", 10, "the recipe's name is 'first'"),
        change("algorithm: maml", "name: direct, algorithm: maml", 10, "the recipe's name is 'direct'"),
        change("steps: 5", "steps: 5, batch: 3", 10, "maml has no setting 'batch'"),
        change("method: lora", "method: lara", 12, "no method 'lara'"),
        change("rank: 4", "bottleneck: 4", 12, "the method lora has no key 'bottleneck'"),
        change("rank: 4", "targets: [quary]", 12, "targets is quary; expected all or some of"),
        change("{method: houlsby, bottleneck: 8", "{method: lora", 13, "the method's name is 'lora'"),
        change("rates: [1e-3, 2.0e-3]", "rates: [0]", 13, "learning rates above 0"),
        change("rates: [1e-3, 2.0e-3]", "rates: []", 13, "rates is an empty list"),
        change("protocol: quick", "protocol: quik", 14, "protocol is 'quik'; expected one of quick, crossfit"),
        change("steps: 10", "steps: 0", 14, "steps is '0'"),
        change("samples: [13, 21]", "samples: [13, 13]", 14, "expected each once"),
        change("batches: [4]", "batches: [0]", 14, "expected a whole number of at least 1"),
        change("steps: 10", "dropout: 1.5", 14, "dropout in [0, 1)"));

    private static Arguments change(String from, String to, int line, String complaint) {
        return Arguments.of(from, to, line, complaint);
    }

    @ParameterizedTest
    @FieldSource("CHANGES")
    void whatMakesNoSenseIsRefusedWithItsLine(String from, String to, int line, String complaint) {
        assertTrue(SOUND.contains(from), from);
        String said = refused(() -> parse(SOUND.replace(from, to)));
        assertTrue(said.startsWith("FILE:" + line + ": "), said);
        assertTrue(said.contains(complaint), said);
        assertFalse(said.contains("\n"), said);
    }

    static Stream<String> hostile() {
        return Stream.of("", "# nothing\n", "[1, 2]", "just a text", "a: [", "a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: 1}}}}}}}}}}}}}}",
            SOUND + "---\nversion: 1\n", "\t: 1", "version: 1\nname: x\nrecipes: []\nmethods: []\n", "\u0000");
    }

    @ParameterizedTest
    @MethodSource
    void hostile(String text) {
        String said = refused(() -> parse(text));
        assertTrue(said.startsWith("FILE:"), said);
        assertFalse(said.contains("\n"), said);
    }

    private static String refused(Runnable reading) {
        return assertThrows(BadInputException.class, reading::run).getMessage();
    }
}
