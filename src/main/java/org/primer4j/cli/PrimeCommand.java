package org.primer4j.cli;

import java.util.List;
import java.util.Map;
import org.primer4j.Version;
import org.primer4j.cli.progress.Progress;
import org.primer4j.engine.Device;
import org.primer4j.experiment.Format;
import org.primer4j.experiment.PrimingResult;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Splits;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.objective.TaskRow;
import org.primer4j.priming.MultiTask;
import org.primer4j.priming.PrimedFolder;
import org.primer4j.priming.PrimingSettings;
import org.primer4j.priming.Recipe;
import org.primer4j.training.Learner;
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
    private WeightOptions weightOptions;
    @Mixin
    private OutOptions outOptions;
    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        Device device = weightOptions.on(common.device());
        ModelReference reference = new ModelReference(model).absolute();
        downloadOptions.fetch(reference, console());
        PretrainedModel pretrained = reference.read();
        boolean writes = pretrained.config() instanceof Seq2SeqConfig;
        PrimingSettings settings = priming.settings(writes);
        Learner<?> learner = scoring.learner(pretrained.config());
        Gym gym = taskOptions.open();
        List<String> tasks = taskOptions.choose(gym, Splits::train, writes, console());
        TaskOptions.requireSamples(gym, tasks, Valid.distinct("--samples", samples));
        try (RunFolder folder = outOptions.open(ENTRIES)) {
            MultiTask.Outcome outcome = prime(learner, pretrained, gym, tasks, settings, device);
            PrimedFolder.write(folder.staging(), outcome.model(), new PrimedFolder.Record(commandLine(), Version.number(), Version.commit(),
                device.toString(), reference.text(), common.seed, learner.settings().toMap(), tasks, samples, Recipe.multiTask(settings).toMap(), outcome.result()));
            folder.commit();
            print(outcome.result());
        }
        return ExitStatus.DONE;
    }

    private <E extends TaskRow> MultiTask.Outcome prime(Learner<E> learner, PretrainedModel pretrained, Gym gym, List<String> tasks,
                                                        PrimingSettings settings, Device device) {
        List<TaskData<E>> data = learner.readTrainRows(pretrained, gym, tasks, samples);
        try (Progress progress = console().progress()) {
            return new MultiTask<>(settings, learner, device).run(pretrained, data, common.seed, progress);
        }
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
