package org.primer4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.Version;
import org.primer4j.engine.Device;
import org.primer4j.experiment.CellStore;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.report.HtmlReport;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.model.io.ModelConfig;
import org.primer4j.model.io.ModelHash;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.RowSettings;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.PrimedFolder;
import org.primer4j.progress.Progress;
import org.primer4j.training.CrossFitProtocol;
import org.primer4j.training.Learner;
import org.primer4j.training.Learners;
import org.primer4j.training.TaskData;
import org.primer4j.training.TextChoice;
import org.primer4j.training.TuningSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/** Tunes adapters on few-shot samples of test tasks, with and without priming. */
@CommandLine.Command(name = "tune", description = "Tune adapters on few-shot tasks; with --primed from both starts, compared.")
final class TuneCommand extends Command {

    static final String RESULTS = "results.json";
    static final String REPORT = "report.html";
    static final String ADAPTERS = "adapters";

    private static final List<Integer> QUICK_SAMPLES = List.of(13, 21);

    @Option(names = "--model", paramLabel = "minilm|DIR|ORG/NAME", defaultValue = "minilm", description = "The unprimed model (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(names = "--primed", paramLabel = "DIR", description = "The --out folder of 'prime': tune from its model as well, and compare.")
    private Path primed;

    @Option(names = "--samples", paramLabel = "N", split = ",", description = "Few-shot samples of each task (default: 13,21; crossfit 13,21,42,87,100).")
    private List<Integer> samples;

    @Option(names = "--cells", paramLabel = "DIR", description = "Keep each finished cell (task, sample, method, rate, batch) there, and the best ones'"
        + " parameters: the same command goes on where it was cut off.")
    private Path cells;

    @Option(names = "--with-dev", description = "The split's dev tasks as well as its test tasks.")
    private boolean withDev;

    @Option(names = "--no-adapters", description = "Do not keep the adapters.")
    private boolean noAdapters;

    @Mixin
    private TaskOptions taskOptions;
    @Mixin
    private MethodOptions methodOptions;
    @Mixin
    private TuningOptions tuning;
    @Mixin
    private ScoringOptions scoring;
    @Mixin
    private DownloadOptions downloadOptions;
    @Mixin
    private WeightOptions weightOptions;
    @Mixin
    private OutOptions outOptions;
    @Mixin
    private CommonOptions common;

    /** What was asked for, found sound. */
    private record Job(Map<PeftMethod, TuningSettings> methods, Learner<?> learner, Device device, Gym gym, List<String> tasks, List<Integer> samples,
                       PrimedFolder.Record primed, List<TuningStudy.Start> starts) {
    }

    @Override
    public Integer call() {
        long begin = System.nanoTime();
        Job job = job();
        try (RunFolder folder = outOptions.open(List.of(ADAPTERS, REPORT, RESULTS))) {
            Path adapters = noAdapters ? null : folder.staging().resolve(ADAPTERS);
            List<RunResult> runs = tune(job, job.learner(), adapters);
            Results results = new Results(Results.SCHEMA_VERSION, commandLine(), Version.number(), Version.commit(), common.seed,
                job.device().toString(), job.device().threads(), job.starts().get(0).base(), settings(job),
                job.primed() == null ? null : job.primed().priming(), runs, (System.nanoTime() - begin) / 1e9);
            write(folder, results);
            ResultsPrinter.print(results, console(), json);
        }
        return ExitStatus.DONE;
    }

    private <E extends TaskRow> List<RunResult> tune(Job job, Learner<E> learner, Path adapters) {
        List<TaskData<E>> data = learner.read(job.starts().get(0).model(), job.gym(), job.tasks(), job.samples());
        try (CellStore store = openCells(job); Progress progress = console().progress()) {
            TuningStudy<E> study = new TuningStudy<>(job.methods(), learner, job.device(), common.seed, adapters, store);
            List<RunResult> runs = new ArrayList<>();
            job.starts().forEach(start -> runs.addAll(study.run(start, data, progress)));
            return runs;
        }
    }

    // Everything that bears on a cell's result and does not stand in its key.
    private CellStore openCells(Job job) {
        if (cells == null) {
            return null;
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("primer_version", Version.number());
        settings.put("commit", Version.commit());
        settings.put("model", job.starts().get(0).base());
        job.starts().forEach(start -> settings.put("model_sha256_" + start.name(), ModelHash.of(start.model())));
        settings.put("peft_start", job.primed() == null ? null : job.primed().method());
        settings.put("gym", taskOptions.folder().toAbsolutePath().normalize().toString());
        settings.put("scoring", job.learner().settings().toMap());
        settings.put("max_tokens", job.learner().maxTokens());
        settings.put("beams", TextChoice.beams(job.learner()));
        settings.put("device", job.device().make());
        settings.put("dtype", job.device().weights().toString());
        settings.put("primed", job.primed() == null ? null : job.primed().command() + ", took " + job.primed().priming().seconds() + " s");
        return CellStore.open(cells, settings);
    }

    private Job job() {
        Map<PeftMethod, TuningSettings> methods = new LinkedHashMap<>();
        methodOptions.methods().forEach(method -> methods.put(method, tuning.settings(method)));
        Device device = weightOptions.on(common.device(console()));
        PrimedFolder.Record record = primed == null ? null : PrimedFolder.read(primed);
        List<TuningStudy.Start> starts = starts(record, methods.keySet());
        methods.keySet().forEach(method -> method.requireFits(starts.get(0).model().weights().keySet()));
        ModelConfig config = starts.get(0).model().config();
        Learner<?> learner = scoring.learner(config);
        methods.keySet().forEach(method -> learner.requirePositions(config, method));
        Gym gym = taskOptions.open();
        List<String> tasks = taskOptions.choose(gym, this::split, config instanceof Seq2SeqConfig, console());
        List<Integer> chosen = samples != null ? Valid.distinct("--samples", samples) : tuning.isCrossFit() ? CrossFitProtocol.SAMPLES : QUICK_SAMPLES;
        TaskOptions.requireSamples(gym, tasks, chosen);
        if (record != null) {
            requireComparable(record, learner.settings(), tasks);
        }
        return new Job(methods, learner, device, gym, tasks, chosen, record, starts);
    }

    private List<String> split(Splits splits) {
        List<String> tasks = new ArrayList<>(withDev ? splits.dev() : List.of());
        tasks.addAll(splits.test());
        return tasks;
    }

    private List<TuningStudy.Start> starts(PrimedFolder.Record record, Set<PeftMethod> methods) {
        List<TuningStudy.Start> starts = new ArrayList<>();
        ModelReference unprimed = new ModelReference(model).absolute();
        downloadOptions.fetch(unprimed, console());
        starts.add(new TuningStudy.Start(RunResult.UNPRIMED, unprimed.read(), unprimed.text()));
        if (record != null) {
            Map<String, TensorData> peftStart = Map.of();
            for (PeftMethod method : methods) {
                peftStart = PrimedFolder.peftStart(primed, record, method);
            }
            ModelReference reference = PrimedFolder.model(primed, record);
            starts.add(new TuningStudy.Start(RunResult.PRIMED, reference.read(), reference.text(), peftStart));
        }
        return starts;
    }

    // Priming under other settings than tuning would be compared with something else than what it was for.
    private void requireComparable(PrimedFolder.Record record, RowSettings texts, List<String> tasks) {
        RowSettings before = Learners.settings(record.scoring(), primed.resolve(PrimedFolder.RECORD));
        if (!before.equals(texts)) {
            throw new BadInputException("--primed " + primed + ": it was primed with " + before.toMap() + "; expected the settings asked for here, "
                + texts.toMap() + ".");
        }
        String base = new ModelReference(model).absolute().text();
        if (!record.model().equals(base)) {
            throw new BadInputException("--primed " + primed + ": it was primed from " + record.model() + "; expected the same --model, which is " + base
                + ".");
        }
        List<String> seen = tasks.stream().filter(task -> record.tasks().contains(task) || record.devTasks().contains(task)).toList();
        if (!seen.isEmpty()) {
            throw new BadInputException("--primed " + primed + ": it was primed on " + String.join(", ", seen)
                + " too; expected test tasks that priming has not seen.");
        }
    }

    /** Writes results and report, and puts everything into place. */
    static void write(RunFolder folder, Results results) {
        HtmlReport.write(folder.staging().resolve(REPORT), results);
        ResultsFile.write(folder.staging().resolve(RESULTS), results);
        folder.commit();
    }

    private Map<String, Object> settings(Job job) {
        Map<String, Object> settings = new LinkedHashMap<>();
        job.starts().forEach(start -> settings.put("model_sha256_" + start.name(), ModelHash.of(start.model())));
        settings.put("gym", taskOptions.folder().toString());
        settings.put("tasks", job.tasks());
        settings.put("samples", job.samples());
        settings.put("scoring", job.learner().settings().toMap());
        settings.put("beams", TextChoice.beams(job.learner()));
        settings.put("max_tokens", job.learner().maxTokens());
        settings.put("tuning", TuningStudy.settingsMap(job.methods()));
        settings.put("primed", primed == null ? null : primed.toString());
        return settings;
    }

    @Override
    String onInterruption() {
        return outOptions.onInterruption();
    }
}
