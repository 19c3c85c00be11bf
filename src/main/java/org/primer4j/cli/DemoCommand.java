package org.primer4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.Format;
import org.primer4j.Version;
import org.primer4j.engine.Device;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.gym.demo.DemoGym;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.EncodedExample;
import org.primer4j.priming.Primed;
import org.primer4j.priming.PrimedFolder;
import org.primer4j.priming.Priming;
import org.primer4j.progress.Progress;
import org.primer4j.training.TaskData;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/** Everything once, on tasks made here: prime MiniLM, tune with and without priming, compare. */
@CommandLine.Command(name = "demo", description = "Prime MiniLM, tune adapters on unseen tasks with and without priming, compare.")
final class DemoCommand extends Command {

    private static final ModelReference MODEL = new ModelReference(ModelReference.MINILM);

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "primer-demo", description = "Folder for the results (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(names = "--overwrite", description = "Replace another command's results there; a demo's are always replaced.")
    private boolean overwrite;

    @Option(names = "--quick", description = "Few tasks and steps, under a minute: shows that everything works, its numbers mean little.")
    private boolean quick;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        long begin = System.nanoTime();
        DemoSettings settings = quick ? DemoSettings.quick() : DemoSettings.standard();
        Device device = common.device(console());
        PretrainedModel model = MODEL.read();
        try (RunFolder folder = RunFolder.open(out, entries(), overwrite || isDemo())) {
            Data data = data(folder, settings, model);
            List<RunResult> runs = new ArrayList<>();
            Primed primed = tuneAndPrime(settings, device, model, data, folder.staging().resolve(TuneCommand.ADAPTERS), runs);
            PrimedFolder.write(folder.staging(), model, primed, null, record(settings, device, data, model, primed));
            double seconds = (System.nanoTime() - begin) / 1e9;
            Results results = new Results(Results.SCHEMA_VERSION, commandLine(), Version.number(), Version.commit(), common.seed,
                device.toString(), device.threads(), MODEL.text(), settingsMap(settings, data), primed.result(), runs, seconds);
            TuneCommand.write(folder, results);
            ResultsPrinter.print(results, console(), json);
            console().log("took " + Format.duration(seconds) + "; the report: " + out.resolve(TuneCommand.REPORT));
        }
        return ExitStatus.DONE;
    }

    // Before priming and after it; the runs are added to those given.
    private Primed tuneAndPrime(DemoSettings settings, Device device, PretrainedModel model, Data data, Path adapters, List<RunResult> runs) {
        TuningStudy<EncodedExample> study = new TuningStudy<>(settings.methods(), settings.learner(), device, common.seed, adapters, null);
        try (Progress progress = console().progress()) {
            runs.addAll(study.run(new TuningStudy.Start(RunResult.UNPRIMED, model, MODEL.text()), data.test(), progress));
            Primed primed = new Priming<>(settings.learner(), device).run(model, settings.priming(), data.train(), common.seed, progress);
            runs.addAll(study.run(new TuningStudy.Start(RunResult.PRIMED, primed.model(), "../../" + PrimedFolder.MODEL), data.test(), progress));
            return primed;
        }
    }

    /** The demo's samples, and the names of their tasks. */
    private record Data(List<String> trainTasks, List<TaskData<EncodedExample>> train, List<String> testTasks,
                        List<TaskData<EncodedExample>> test) {
    }

    private Data data(RunFolder folder, DemoSettings settings, PretrainedModel model) {
        Path gymFolder = gymFolder(folder);
        Gym gym = Gym.open(gymFolder);
        Splits splits = Splits.read(gymFolder.resolve("splits.json"), gym);
        List<String> train = splits.train().subList(0, settings.trainTasks());
        List<String> test = splits.test().subList(0, settings.testTasks());
        return new Data(train, settings.learner().readTrainRows(model, gym, train, settings.primingSamples()),
            test, settings.learner().read(model, gym, test, settings.samples()));
    }

    private PrimedFolder.Record record(DemoSettings settings, Device device, Data data, PretrainedModel base, Primed primed) {
        return new PrimedFolder.Record(commandLine(), Version.number(), Version.commit(), device.toString(), MODEL.text(), common.seed,
            settings.learner().settings().toMap(), data.trainTasks(), List.of(), settings.primingSamples(), settings.priming().toMap(), Map.of(),
            base, primed);
    }

    private List<String> entries() {
        List<String> entries = new ArrayList<>(List.of(TuneCommand.ADAPTERS, PrimedFolder.MODEL, PrimedFolder.RECORD, TuneCommand.REPORT,
            TuneCommand.RESULTS));
        if (!Files.exists(out.resolve(gymName()))) {
            entries.add(0, gymName());
        }
        return entries;
    }

    private String gymName() {
        return "gym-" + common.seed;
    }

    /** Whether what is there was written by a demo. */
    private boolean isDemo() {
        Path results = out.resolve(TuneCommand.RESULTS);
        return Files.exists(results) && ResultsFile.read(results).command().startsWith("primer demo");
    }

    // A gym appears whole or not at all, so one that is there is complete; its name says its seed.
    private Path gymFolder(RunFolder folder) {
        Path there = out.resolve(gymName());
        if (Files.exists(there)) {
            return there;
        }
        Path made = folder.staging().resolve(gymName());
        DemoGym.write(made, common.seed);
        return made;
    }

    private static Map<String, Object> settingsMap(DemoSettings settings, Data data) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("train_tasks", data.trainTasks());
        map.put("test_tasks", data.testTasks());
        map.put("priming_samples", settings.primingSamples());
        map.put("samples", settings.samples());
        map.put("scoring", settings.learner().settings().toMap());
        map.put("max_tokens", settings.learner().maxTokens());
        map.put("priming", settings.priming().toMap());
        map.put("tuning", TuningStudy.settingsMap(settings.methods()));
        return map;
    }

    @Override
    String onInterruption() {
        return "; nothing was written to " + out;
    }
}
