package org.primer4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.Format;
import org.primer4j.Version;
import org.primer4j.engine.Device;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.Primed;
import org.primer4j.priming.PrimedFolder;
import org.primer4j.priming.Priming;
import org.primer4j.priming.PrimingListener;
import org.primer4j.priming.PrimingMetrics;
import org.primer4j.priming.PrimingResult;
import org.primer4j.priming.Recipe;
import org.primer4j.progress.Progress;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/** Primes a PLM, or start values of a method, on a gym's train tasks and writes them as a folder. */
@CommandLine.Command(name = "prime", description = "Prime a model on many tasks; writes DIR/plm, DIR/peft (what of them moved),"
    + " DIR/metrics.jsonl, DIR/events (for TensorBoard) and DIR/primer.json.")
final class PrimeCommand extends Command {

    @Option(names = "--model", paramLabel = "minilm|DIR|ORG/NAME", defaultValue = "minilm", description = "What to prime (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(names = "--samples", paramLabel = "N", split = ",", defaultValue = "100,13,21,42,87",
        description = "Few-shot samples of each task (default: ${DEFAULT-VALUE}).")
    private List<Integer> samples;

    @Option(names = "--dev-tasks", paramLabel = "NAME", split = ",",
        description = "Tasks that --validate-every looks at (default: as the gym's splits.json says).")
    private List<String> devTasks;

    @Option(names = "--method", paramLabel = "NAME",
        description = "Whose parameters --tune or --inner move, and what is tuned on dev tasks; as in 'tune' (default: none; lora on dev tasks).")
    private String method;

    @Mixin
    private TaskOptions taskOptions;
    @Mixin
    private PrimingOptions priming;
    @Mixin
    private MethodSettingOptions methodSettings;
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
    private record Job(PretrainedModel model, ModelReference reference, Recipe recipe, PeftMethod method, Gym gym, List<String> tasks,
                       List<String> devTasks, Device device) {
    }

    @Override
    public Integer call() {
        Device device = weightOptions.on(common.device(console()));
        ModelReference reference = new ModelReference(model).absolute();
        downloadOptions.fetch(reference, console());
        PretrainedModel pretrained = reference.read();
        boolean writes = pretrained.config() instanceof Seq2SeqConfig;
        Recipe recipe = priming.recipe(writes);
        PeftMethod chosen = method(recipe);
        Learner<?> learner = scoring.learner(pretrained.config());
        Gym gym = taskOptions.open();
        List<String> tasks = taskOptions.choose(gym, Splits::train, writes, console());
        TaskOptions.requireSamples(gym, tasks, Valid.distinct("--samples", samples));
        List<String> dev = devTasks(gym, recipe, writes);
        run(learner, new Job(pretrained, reference, recipe, chosen, gym, tasks, dev, device));
        return ExitStatus.DONE;
    }

    // A method that nothing would use, and settings of none, are mistakes.
    private PeftMethod method(Recipe recipe) {
        if (method != null && !recipe.involvesPeft() && !recipe.validation().isOn()) {
            throw new BadInputException("--method is " + method + ", but nothing uses one: --tune and --inner move the PLM, and no dev task is looked at;"
                + " leave it out, or give --tune, --inner or --validate-every.");
        }
        for (String option : MethodSettingOptions.NAMES) {
            if (method == null && spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new BadInputException(option + " is a setting of a --method, and none is given; leave it out, or give one.");
            }
        }
        return method == null ? null : methodSettings.method(method);
    }

    private List<String> devTasks(Gym gym, Recipe recipe, boolean writes) {
        if (!recipe.validation().isOn()) {
            if (devTasks != null) {
                throw new BadInputException("--dev-tasks is given, but they are never looked at; leave it out, or give --validate-every.");
            }
            return List.of();
        }
        List<String> chosen = devTasks != null ? TaskOptions.named("--dev-tasks", devTasks, gym, writes)
            : taskOptions.ofSplit("--dev-tasks", gym, Splits::dev, writes, console());
        TaskOptions.requireSamples(gym, chosen, samples);
        return chosen;
    }

    private <E extends TaskRow> void run(Learner<E> learner, Job job) {
        try (RunFolder folder = outOptions.open(PrimedFolder.ENTRIES)) {
            PrimingMetrics metrics = new PrimingMetrics();
            Primed primed = prime(learner, job, metrics);
            PrimedFolder.write(folder.staging(), job.model(), primed, job.method(), record(learner, job, primed));
            metrics.write(folder.staging(), job.recipe(), job.recipe().involvesPeft() ? job.method().methodName() : null);
            folder.commit();
            print(primed, primed.hasMoved(job.model()) ? PrimedFolder.MODEL : PrimedFolder.PEFT);
        }
    }

    private <E extends TaskRow> Primed prime(Learner<E> learner, Job job, PrimingListener listener) {
        List<TaskData<E>> train = job.recipe().algorithm().isMeta() ? learner.readTrainAndDevRows(job.model(), job.gym(), job.tasks(), samples)
            : learner.readTrainRows(job.model(), job.gym(), job.tasks(), samples);
        List<TaskData<E>> dev = learner.readTrainAndDevRows(job.model(), job.gym(), job.devTasks(), samples);
        try (Progress progress = console().progress()) {
            return new Priming<>(learner, job.device()).run(job.model(), job.recipe(), job.method(), train, dev, common.seed, progress,
                listener);
        }
    }

    private PrimedFolder.Record record(Learner<?> learner, Job job, Primed primed) {
        return new PrimedFolder.Record(commandLine(), Version.number(), Version.commit(), job.device().toString(), job.reference().text(), common.seed,
            learner.settings().toMap(), job.tasks(), job.devTasks(), samples, job.recipe().toMap(), PrimedFolder.method(job.method()),
            job.model(), primed);
    }

    private void print(Primed primed, String main) {
        PrimingResult result = primed.result();
        double loss = result.curve().get(result.curve().size() - 1).loss();
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("out", outOptions.out.toString());
            fields.put("tasks", result.tasks());
            fields.put("steps", result.steps());
            fields.put("best_step", primed.bestStep());
            fields.put("loss", loss);
            fields.put("tokens", result.tokens());
            fields.put("seconds", result.seconds());
            console().json(fields);
        } else {
            console().print("primed on %s in %s, last loss %s%s: %s%n".formatted(Format.count(result.tasks(), "task"),
                Format.duration(result.seconds()), Format.score(loss),
                primed.bestStep() == result.steps() ? "" : ", best step " + primed.bestStep(), outOptions.out.resolve(main)));
        }
    }

    @Override
    String onInterruption() {
        return outOptions.onInterruption();
    }
}
