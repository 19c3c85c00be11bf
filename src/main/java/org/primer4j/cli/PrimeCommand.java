package org.primer4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.primer4j.Version;
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.experiment.Format;
import org.primer4j.experiment.PrimingResult;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.gym.TaskSample;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.SequencePool;
import org.primer4j.priming.MultiTask;
import org.primer4j.priming.PrimedFolder;
import org.primer4j.priming.PrimingSettings;
import org.primer4j.text.Tokenizer;
import org.primer4j.training.TaskData;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Primes a PLM on a gym's train tasks and writes it as a folder. */
@CommandLine.Command(name = "prime", description = "Prime a model on many tasks; writes DIR/plm and DIR/primer.json.")
final class PrimeCommand extends Command {

    private static final List<String> ENTRIES = List.of(PrimedFolder.MODEL, PrimedFolder.RECORD);

    @Option(names = "--model", paramLabel = "minilm|DIR|ORG/NAME", defaultValue = "minilm", description = "What to prime (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(names = "--samples", paramLabel = "N", split = ",", defaultValue = "100,13,21,42,87",
        description = "Few-shot samples of each task (default: ${DEFAULT-VALUE}).")
    private List<Integer> samples;

    @Mixin
    private TaskOptions taskOptions;
    @Mixin
    private PrimingOptions priming;
    @Mixin
    private ScoringOptions scoring;
    @Mixin
    private DownloadOptions downloadOptions;
    @Mixin
    private OutOptions outOptions;
    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        PrimingSettings settings = priming.settings();
        ScoringSettings texts = scoring.settings();
        Capacity capacity = scoring.capacity();
        Device device = common.device();
        Gym gym = taskOptions.open();
        List<String> tasks = taskOptions.choose(gym, Splits::train, console());
        TaskOptions.requireSamples(gym, tasks, Valid.distinct("--samples", samples));
        ModelReference reference = new ModelReference(model).absolute();
        downloadOptions.fetch(reference, console());
        PretrainedModel pretrained = reference.read();
        ScoringOptions.requirePositions(texts, pretrained.config().asEncoder());
        MultiTask algorithm = new MultiTask(settings, texts.objective(), capacity, device);
        try (RunFolder folder = outOptions.open(ENTRIES); Progress progress = console().progress()) {
            List<TaskData> data = read(gym, tasks, samples, texts, pretrained);
            MultiTask.Outcome outcome = algorithm.run(pretrained, data, common.seed, progress);
            progress.close();
            PrimedFolder.write(folder.staging(), outcome.model(), new PrimedFolder.Record(commandLine(), Version.number(), Version.commit(),
                device.toString(), reference.text(), common.seed, texts.toMap(), tasks, samples, settings.toMap(), outcome.result()));
            folder.commit();
            print(outcome.result());
        }
        return ExitStatus.DONE;
    }

    /** The train rows of samples; dev and test are not looked at. */
    static List<TaskData> read(Gym gym, List<String> tasks, List<Integer> samples, ScoringSettings scoring, PretrainedModel model) {
        List<TaskData> data = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.of(model.tokenizerJson())) {
            SequencePool pool = new SequencePool(tokenizer, scoring.maxLength());
            for (String task : tasks) {
                for (int sample : samples) {
                    TaskSample read = gym.read(task, sample);
                    TaskSample train = new TaskSample(read.info(), sample, read.train(), List.of(), List.of());
                    data.add(TaskData.of(train, scoring.objective(), scoring.format(), pool));
                }
            }
        }
        return data;
    }

    private void print(PrimingResult result) {
        double loss = result.curve().get(result.curve().size() - 1).loss();
        if (json) {
            console().json(Map.of("out", outOptions.out.toString(), "tasks", result.tasks(), "steps", result.steps(), "loss", loss,
                "tokens", result.tokens(), "seconds", result.seconds()));
        } else {
            console().print("primed on %s in %s, last loss %s: %s%n".formatted(Format.count(result.tasks(), "task"),
                Format.duration(result.seconds()), Format.score(loss), outOptions.out.resolve(PrimedFolder.MODEL)));
        }
    }

    @Override
    String onInterruption() {
        return outOptions.onInterruption();
    }
}
