package org.primer4j.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.primer4j.engine.Device;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.priming.meta.Episode;
import org.primer4j.priming.meta.MetaModel;

/** A case of the group meta: Hessian-vector products, meta-gradients and outer steps on a small BART. */
record MetaCase(GoldenCase at, Device device) implements GoldenCase.Check {

    private static final String MODEL = "training/bart_tiny";
    private static final String LORA = "meta/lora_init";
    private static final String TASKS = "meta/tasks.safetensors";
    private static final String INNER_RATE = "in.inner_lr";
    private static final String REPTILE_RATE = "in.outer_lr";
    private static final double ADAMW_RATE = 1e-3;

    @Override
    public void run(Consumer<CaseResult> results) {
        MetaChoice choice = MetaChoice.of(at.name());
        TrainedAdapter lora = PeftFolder.read(at.root().resolve(LORA));
        try (PretrainedFolder folder = PretrainedFolder.read(at.root().resolve(MODEL));
                SafetensorsFile golden = SafetensorsFile.open(at.root().resolve(at.name() + ".safetensors"));
                MetaRun run = new MetaRun(folder, choice.adaptation(lora.method(), folder.config().weightShapes().keySet()),
                    choice.settings(choice.isHvp() ? 1 : golden.doubles(INNER_RATE)[0]), lora.tensors(), device)) {
            List<Episode<Seq2SeqExample>> episodes = episodes(choice.innerSteps());
            TrainingResults found = new TrainingResults(at, golden, folder, results);
            switch (choice.kind()) {
                case "hvp" -> product(found, run, episodes);
                case "reptile" -> reptile(found, choice, run, episodes, golden.doubles(REPTILE_RATE)[0]);
                case "outer_adamw" -> outerSteps(found, choice, run, episodes);
                default -> metaGradient(found, choice, run, episodes);
            }
        }
    }

    // Every inner step of a task has the same support batch.
    private List<Episode<Seq2SeqExample>> episodes(int innerSteps) {
        Path path = at.root().resolve(TASKS);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<String> tasks = file.names().stream().map(name -> name.substring(0, name.indexOf('.'))).distinct().sorted().toList();
            return tasks.stream().map(task -> new Episode<>(task, Collections.nCopies(innerSteps,
                TrainingBatches.one(path, file, task + ".support.")), TrainingBatches.one(path, file, task + ".query."))).toList();
        }
    }

    // Of the first task's support loss at the start.
    private static void product(TrainingResults found, MetaRun run, List<Episode<Seq2SeqExample>> episodes) {
        Parameters phi = run.model().phi();
        run.model().begin(episodes.subList(0, 1));
        for (ParameterLayout.Entry entry : phi.layout().entries()) {
            phi.write(MetaModel.DIRECTION, 0, entry.name(), found.given("v.", entry.name()));
        }
        run.model().multiply(0);
        found.tensors("hv.", phi.layout(), name -> negated(phi.read(MetaModel.ADJOINT, 0, name)));
    }

    private static float[] negated(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = -values[i];
        }
        return values;
    }

    private static void metaGradient(TrainingResults found, MetaChoice choice, MetaRun run, List<Episode<Seq2SeqExample>> episodes) {
        MetaModel<Seq2SeqExample> model = run.model();
        model.clear();
        found.losses("out.meta_loss", new double[] {choice.algorithm().learn(model, episodes)});
        found.gradients("d_", run);
        model.clear();
        double[][] support = episodes.stream().map(episode -> adapt(model, episode)).toArray(double[][]::new);
        found.losses("out.support_loss", Arrays.stream(support).flatMapToDouble(Arrays::stream).toArray());
        found.losses("out.query_loss", queryLosses(model, episodes));
        adapt(model, episodes.get(0));
        found.movedInside("adapted_task0.", run);
    }

    /** The support losses before each inner step of a task alone. */
    private static double[] adapt(MetaModel<Seq2SeqExample> model, Episode<Seq2SeqExample> episode) {
        model.begin(List.of(episode));
        return IntStream.range(0, model.settings().innerSteps()).mapToDouble(k -> model.adapt(k)[0]).toArray();
    }

    private static double[] queryLosses(MetaModel<Seq2SeqExample> model, List<Episode<Seq2SeqExample>> episodes) {
        return episodes.stream().mapToDouble(episode -> {
            adapt(model, episode);
            return model.learn(1)[0];
        }).toArray();
    }

    private static void reptile(TrainingResults found, MetaChoice choice, MetaRun run, List<Episode<Seq2SeqExample>> episodes, double rate) {
        run.model().clear();
        choice.algorithm().learn(run.model(), episodes);
        found.gradients("update.", run);
        run.model().update(rate);
        if (found.holdFinalValues()) {
            found.parameters(run, false);
        }
    }

    private static void outerSteps(TrainingResults found, MetaChoice choice, MetaRun run, List<Episode<Seq2SeqExample>> episodes) {
        double[] losses = Stream.generate(() -> choice.algorithm().outerStep(run.model(), episodes, ADAMW_RATE)).limit(found.steps("out.meta_loss"))
            .mapToDouble(Double::doubleValue).toArray();
        found.losses("out.meta_loss", losses);
        found.parameters(run, true);
    }
}
