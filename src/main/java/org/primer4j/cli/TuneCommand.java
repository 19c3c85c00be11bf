package org.primer4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.Version;
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.experiment.FewShotStudy;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.ResultsFile;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.report.HtmlReport;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.SequencePool;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.PrimedFolder;
import org.primer4j.text.Tokenizer;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningSettings;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tunes adapters on few-shot samples of test tasks, with and without priming. */
@CommandLine.Command(name = "tune", description = "Tune adapters on few-shot tasks; with --primed from both starts, compared.")
final class TuneCommand extends Command {

    static final String RESULTS = "results.json";
    static final String REPORT = "report.html";
    static final String ADAPTERS = "adapters";

    @Option(names = "--model", paramLabel = "minilm|DIR|ORG/NAME", defaultValue = "minilm", description = "The unprimed model (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(names = "--primed", paramLabel = "DIR", description = "The --out folder of 'prime': tune from its model as well, and compare.")
    private Path primed;

    @Option(names = "--samples", paramLabel = "N", split = ",", defaultValue = "13,21",
        description = "Few-shot samples of each task (default: ${DEFAULT-VALUE}).")
    private List<Integer> samples;

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
    private OutOptions outOptions;
    @Mixin
    private CommonOptions common;

    /** What was asked for, found sound. */
    private record Job(Map<PeftMethod, TuningSettings> methods, ScoringSettings scoring, Capacity capacity, Device device, Gym gym,
                       List<String> tasks, PrimedFolder.Record primed, List<TuningStudy.Start> starts) {
    }

    @Override
    public Integer call() {
        long begin = System.nanoTime();
        Job job = job();
        try (RunFolder folder = outOptions.open(List.of(ADAPTERS, REPORT, RESULTS)); Progress progress = console().progress()) {
            TuningStudy study = new TuningStudy(job.methods(), job.scoring(), job.capacity(), job.device(), common.seed,
                noAdapters ? null : folder.staging().resolve(ADAPTERS));
            List<TaskData> data = read(job.gym(), job.tasks(), samples, job.scoring(), job.starts().get(0).model());
            List<RunResult> runs = new ArrayList<>();
            job.starts().forEach(start -> runs.addAll(study.run(start, data, progress)));
            progress.close();
            Results results = new Results(Results.SCHEMA_VERSION, commandLine(), Version.number(), Version.commit(), common.seed,
                job.device().toString(), job.device().threads(), job.starts().get(0).base(), settings(study, job.tasks()),
                job.primed() == null ? null : job.primed().priming(), runs, (System.nanoTime() - begin) / 1e9);
            write(folder, results);
            ResultsPrinter.print(results, console(), json);
        }
        return ExitStatus.DONE;
    }

    private Job job() {
        Map<PeftMethod, TuningSettings> methods = new LinkedHashMap<>();
        methodOptions.methods().forEach(method -> methods.put(method, tuning.settings()));
        ScoringSettings texts = scoring.settings();
        Capacity capacity = scoring.capacity();
        Device device = common.device();
        Gym gym = taskOptions.open();
        List<String> tasks = taskOptions.choose(gym, this::split, console());
        TaskOptions.requireSamples(gym, tasks, Valid.distinct("--samples", samples));
        PrimedFolder.Record record = primed == null ? null : primedRecord(texts, tasks);
        List<TuningStudy.Start> starts = starts();
        starts.forEach(start -> ScoringOptions.requirePositions(texts, start.model().config().asEncoder()));
        return new Job(methods, texts, capacity, device, gym, tasks, record, starts);
    }

    private List<String> split(Splits splits) {
        List<String> tasks = new ArrayList<>(withDev ? splits.dev() : List.of());
        tasks.addAll(splits.test());
        return tasks;
    }

    private List<TuningStudy.Start> starts() {
        List<TuningStudy.Start> starts = new ArrayList<>();
        ModelReference unprimed = new ModelReference(model).absolute();
        downloadOptions.fetch(unprimed, console());
        starts.add(new TuningStudy.Start(RunResult.UNPRIMED, unprimed.read(), unprimed.text()));
        if (primed != null) {
            ModelReference reference = new ModelReference(primed.resolve(PrimedFolder.MODEL).toString()).absolute();
            starts.add(new TuningStudy.Start(RunResult.PRIMED, reference.read(), reference.text()));
        }
        return starts;
    }

    // Priming under other settings than tuning would be compared with something else than what it was for.
    private PrimedFolder.Record primedRecord(ScoringSettings texts, List<String> tasks) {
        PrimedFolder.Record record = PrimedFolder.read(primed);
        ScoringSettings before = ScoringSettings.of(record.scoring(), primed.resolve(PrimedFolder.RECORD));
        if (!before.equals(texts)) {
            throw new BadInputException("--primed " + primed + ": it was primed with " + before.toMap() + "; expected the settings asked for here, "
                + texts.toMap() + ".");
        }
        String base = new ModelReference(model).absolute().text();
        if (!record.model().equals(base)) {
            throw new BadInputException("--primed " + primed + ": it was primed from " + record.model() + "; expected the same --model, which is " + base
                + ".");
        }
        List<String> seen = tasks.stream().filter(record.tasks()::contains).toList();
        if (!seen.isEmpty()) {
            throw new BadInputException("--primed " + primed + ": it was primed on " + String.join(", ", seen)
                + " too; expected test tasks that priming has not seen.");
        }
        return record;
    }

    /** Reads and tokenises samples. */
    static List<TaskData> read(Gym gym, List<String> tasks, List<Integer> samples, ScoringSettings scoring, PretrainedModel model) {
        try (Tokenizer tokenizer = Tokenizer.of(model.tokenizerJson())) {
            return FewShotStudy.read(gym, tasks, samples, scoring.objective(), scoring.format(), new SequencePool(tokenizer, scoring.maxLength()));
        }
    }

    /** Writes results and report, and puts everything into place. */
    static void write(RunFolder folder, Results results) {
        HtmlReport.write(folder.staging().resolve(REPORT), results);
        ResultsFile.write(folder.staging().resolve(RESULTS), results);
        folder.commit();
    }

    private Map<String, Object> settings(TuningStudy study, List<String> tasks) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("gym", taskOptions.folder().toString());
        settings.put("tasks", tasks);
        settings.put("samples", samples);
        settings.put("scoring", study.scoring().toMap());
        settings.put("max_tokens", scoring.maxTokens());
        settings.put("tuning", study.settingsMap());
        settings.put("primed", primed == null ? null : primed.toString());
        return settings;
    }

    @Override
    String onInterruption() {
        return outOptions.onInterruption();
    }
}
