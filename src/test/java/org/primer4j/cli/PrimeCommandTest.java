package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.fixtures.TinyGym;
import org.primer4j.fixtures.TinyModel;
import org.primer4j.priming.PrimedFolder;

class PrimeCommandTest {

    @TempDir
    static Path folder;
    private static Path model;
    private static Path gym;

    @BeforeAll
    static void write() {
        model = TinyModel.write(folder, 1);
        gym = TinyGym.write(folder);
    }

    private static Cli prime(Path out, Object... more) {
        return Cli.run(Cli.join(new Object[] {"prime", "--model", model, "--gym", gym, "--samples", "13,21", "--max-length", 32, "--max-tokens", 256,
            "--steps", 4, "--threads", 1, "--out", out}, more));
    }

    private static Cli tune(Path out, Object... more) {
        return Cli.run(Cli.join(new Object[] {"tune", "--model", model, "--gym", gym, "--samples", 13, "--tasks", "animal", "--max-length", 32,
            "--max-tokens", 256, "--steps", 2, "--batch", 4, "--rates", "1e-2", "--evaluate-every", 1, "--threads", 1, "--out", out}, more));
    }

    private static Cli done(Cli cli) {
        assertEquals(0, cli.status(), cli.err());
        return cli;
    }

    private static void refused(Cli cli, String... parts) {
        assertEquals(2, cli.status(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        for (String part : parts) {
            assertTrue(cli.err().contains(part), cli.err());
        }
        assertFalse(Files.exists(folder.resolve("refused")));
    }

    private static Cli refusable(Object... more) {
        return prime(folder.resolve("refused"), more);
    }

    @Test
    void startValuesOfAMethodAreTunedFromAndPredict() throws IOException {
        Path primed = folder.resolve("peft");
        Path tuned = folder.resolve("tuned");
        done(prime(primed, "--tune", "peft", "--method", "houlsby", "--bottleneck", 5, "--validate-every", 2, "--dev-tasks", "mood", "--validation-steps", 3,
            "--validation-rate", "1e-2"));
        assertFalse(Files.exists(primed.resolve("plm")));
        assertTrue(Files.exists(primed.resolve("peft/adapter_model.safetensors")));
        PrimedFolder.Record record = PrimedFolder.read(primed);
        assertEquals("houlsby", record.method().get("name"));
        assertEquals(2, record.priming().curve().stream().filter(point -> point.dev() != null).count());
        List<String> metrics = Files.readAllLines(primed.resolve("metrics.jsonl"));
        assertEquals(4, metrics.size());
        JsonNode last = new ObjectMapper().readTree(metrics.get(3));
        assertEquals(List.of("priming", "mtl-peft", "houlsby", "4"), List.of(last.get("phase").asText(), last.get("recipe").asText(),
            last.get("method").asText(), last.get("step").asText()));
        assertTrue(last.has("loss") && last.get("dev").isNumber() && last.get("rate").asDouble() > 0, metrics.get(3));
        assertTrue(Files.size(primed.resolve("events/priming/mtl-peft/houlsby/events.out.tfevents.0.primer")) > 0);

        done(tune(tuned, "--primed", primed, "--method", "houlsby", "--bottleneck", 5));
        Results results = ResultsFile.read(tuned.resolve("results.json"));
        assertEquals(2, results.runs().size());
        RunResult unprimed = results.runs().get(0);
        RunResult started = results.runs().get(1);
        assertTrue(Math.abs(unprimed.curve().get(0).loss() - started.curve().get(0).loss()) > 1e-6, "both start alike");
        done(Cli.run("predict", "--model", tuned.resolve("adapters/animal-13-houlsby-primed"), "--input", TinyGym.file(gym, "animal", 13, "test"),
            "--threads", 1));

        Cli other = tune(folder.resolve("refused"), "--primed", primed, "--method", "lora");
        refused(other, "start values of the method {name=houlsby", "asked for is {name=lora", "expected the same method");
        refused(tune(folder.resolve("refused"), "--primed", primed, "--method", "houlsby", "--bottleneck", 5, "--tasks", "mood"), "primed on mood too");
    }

    @Test
    void bothMoveWithAnAdapter() {
        Path primed = folder.resolve("both");
        done(prime(primed, "--tune", "both", "--method", "pfeiffer", "--bottleneck", 5));
        assertTrue(Files.exists(primed.resolve("plm/model.safetensors")));
        assertTrue(Files.exists(primed.resolve("peft/adapter_config.json")));
        done(tune(folder.resolve("both tuned"), "--primed", primed, "--method", "pfeiffer", "--bottleneck", 5));
    }

    @ParameterizedTest
    @CsvSource({"maml, both, true", "anil, peft, true", "fomaml, plm, false", "reptile, both, true"})
    void metaLearningFromTheCommandLine(String algorithm, String tune, boolean method) {
        Path primed = folder.resolve(algorithm + " " + tune);
        Object[] options = {"--algorithm", algorithm, "--tune", tune, "--tasks-per-step", 2, "--inner-steps", 2, "--inner-batch", 4, "--inner-rate", "1e-2"};
        done(prime(primed, method ? Cli.join(options, "--method", "lora") : options));
        PrimedFolder.Record record = PrimedFolder.read(primed);
        assertEquals(algorithm, record.settings().get("algorithm"));
        assertEquals(2, record.settings().get("inner_steps"));
        done(tune(folder.resolve("tuned " + algorithm), "--primed", primed, "--method", "lora"));
    }

    @ParameterizedTest
    @CsvSource({"quick, false", "crossfit, true"})
    void crossFitMovesTheEmbeddings(String protocol, boolean embeddings) {
        Path primed = folder.resolve(protocol);
        done(prime(primed, "--protocol", protocol, "--batch", 4));
        assertEquals(embeddings, PrimedFolder.read(primed).settings().get("embeddings"));
    }

    @Test
    void jsonTellsTheBestStep() throws IOException {
        Cli cli = done(prime(folder.resolve("json"), "--json", "--validate-every", 1, "--dev-tasks", "mood,animal", "--validation-steps", 1,
            "--patience", 2));
        JsonNode line = new ObjectMapper().readTree(cli.out());
        List<String> names = new ArrayList<>();
        line.fieldNames().forEachRemaining(names::add);
        assertEquals(List.of("out", "tasks", "steps", "best_step", "loss", "tokens", "seconds"), names);
        assertTrue(line.get("best_step").asInt() >= 1 && line.get("best_step").asInt() <= line.get("steps").asInt(), cli.out());
    }

    @ParameterizedTest
    @CsvSource({
        "'--inner-steps,2', '--inner-steps is nothing that --algorithm mtl has'",
        "'--tasks-per-step,2', '--tasks-per-step is nothing that --algorithm mtl has'",
        "'--multi-step-loss', '--multi-step-loss is nothing that --algorithm mtl has'",
        "'--algorithm,maml,--batch,2', '--batch is nothing that --algorithm maml has'",
        "'--algorithm,maml,--dropout,0.1', '--dropout is nothing that --algorithm maml has'",
        "'--algorithm,fomaml,--learn-inner-rates', '--learn-inner-rates is nothing that --algorithm fomaml has'",
        "'--algorithm,reptile,--clip,1', '--clip is nothing that --algorithm reptile has'",
        "'--algorithm,reptile,--tune,plm,--inner,peft', 'Reptile cannot have tune plm with inner peft: '",
        "'--algorithm,maml,--tune,peft,--inner,plm', 'Maml cannot have tune peft with inner plm: '",
        "'--inner,plm', 'Mtl cannot have tune plm with inner plm: it has no inner loop'",
        "'--algorithm,mlt', 'There is no algorithm ''mlt''; expected one of mtl, maml, fomaml, reptile, anil.'",
        "'--tune,all', 'There is no choice ''all'''",
        "'--tune,peft', 'no method was given'",
        "'--method,lora', '--method is lora, but nothing uses one'",
        "'--rank,4', '--rank is a setting of a --method'",
        "'--tune,peft,--method,full', '''full'' moves the PLM itself'",
        "'--tune,peft,--method,lroa', 'There is no method ''lroa'''",
        "'--dev-tasks,mood', '--dev-tasks is given, but they are never looked at'",
        "'--validate-every,1', 'expected at least one, or --dev-tasks.'",
        "'--validate-every,1,--dev-tasks,food', 'food are both train and dev'",
        "'--validate-every,1,--dev-tasks,nothing', 'nothing'",
        "'--patience,1', 'dev tasks are never looked at'",
        "'--validation-steps,2', '--validation-steps is given, but dev tasks are never looked at; leave it out'",
        "'--algorithm,maml,--tune,peft,--method,lora,--lora-dropout,0.1,--tasks-per-step,2', '--lora-dropout'",
        "'--algorithm,maml', 'Each step takes 4 different tasks, and there are 2'",
    })
    void whatDoesNotGoTogetherIsRefused(String options, String expected) {
        refused(refusable((Object[]) options.split(",(?=-)|(?<=--[a-z-]{1,20}),")), expected);
    }
}
