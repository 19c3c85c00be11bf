package org.primer4j.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.training.Optimizer;
import org.primer4j.training.Schedule;

/** A case of the group training: steps of an optimizer on a small BART, or gradients and steps of batches in several parts. */
record TrainingCase(GoldenCase at, Device device) implements GoldenCase.Check {

    private static final String MODEL = "training/bart_tiny";
    private static final String LORA = "training/lora_init";
    private static final String DATA = "training/data.safetensors";
    private static final String LOSSES = "out.loss";
    private static final Optimizer ADAMW = Optimizer.AdamW.with(0.01, 0.1);
    private static final Optimizer SGD = new Optimizer.Sgd(0.9, 1);
    private static final Schedule RISE_AND_FALL = new Schedule(1e-3, 3, 12);
    private static final double ACCUMULATION_RATE = 1e-3;
    private static final double SGD_RATE = 0.05;
    private static final int PARTS = 4;

    @Override
    public void run(Consumer<CaseResult> results) {
        try (PretrainedFolder model = PretrainedFolder.read(at.root().resolve(MODEL));
                SafetensorsFile golden = SafetensorsFile.open(at.root().resolve(at.name() + ".safetensors"));
                SafetensorsFile data = SafetensorsFile.open(at.root().resolve(DATA))) {
            List<List<Seq2SeqExample>> batches = TrainingBatches.read(at.root().resolve(DATA), data);
            TrainingResults found = new TrainingResults(at, golden, model, results);
            switch (at.name().substring(at.name().indexOf('/') + 1)) {
                case "adamw_full" -> steps(found, model, full(), ADAMW, batches, step -> RISE_AND_FALL.rate(step));
                case "adamw_lora" -> steps(found, model, lora(), ADAMW, batches, step -> RISE_AND_FALL.rate(step));
                case "sgd_full" -> steps(found, model, full(), SGD, batches, step -> SGD_RATE);
                case "sgd_lora" -> steps(found, model, lora(), SGD, batches, step -> SGD_RATE);
                case "accumulation" -> accumulation(found, model, batches);
                default -> throw new BadInputException(at.name() + " is not supported yet: it is no case of training that is known.");
            }
        }
    }

    /** What is trained, and the start values of what it added. */
    private record Trained(PeftMethod method, Map<String, TensorData> added) {}

    private static Trained full() {
        return new Trained(new FullTuning(true), Map.of());
    }

    private Trained lora() {
        Path folder = at.root().resolve(LORA);
        TrainedAdapter adapter = PeftFolder.read(folder);
        return new Trained(adapter.method(), adapter.tensors());
    }

    /** The learning rate of a step, counted from 0. */
    private interface Rate {
        double of(int step);
    }

    private void steps(TrainingResults found, PretrainedFolder model, Trained trained, Optimizer optimizer, List<List<Seq2SeqExample>> batches, Rate rate) {
        int steps = found.steps(LOSSES);
        double[] losses = new double[steps];
        double[] norms = new double[steps];
        double[] rates = new double[steps];
        try (TrainingRun run = new TrainingRun(model, trained.method(), trained.added(), optimizer, device)) {
            for (int step = 0; step < steps; step++) {
                rates[step] = rate.of(step);
                losses[step] = run.accumulate(batches.get(step), TrainingRun.meanWeight(batches.get(step)), true);
                norms[step] = run.update(rates[step]);
            }
            found.logs(losses, norms, rates);
            found.parameters(run, optimizer instanceof Optimizer.AdamW);
        }
    }

    private void accumulation(TrainingResults found, PretrainedFolder model, List<List<Seq2SeqExample>> batches) {
        try (TrainingRun run = new TrainingRun(model, new FullTuning(true), Map.of(), ADAMW, device)) {
            List<Seq2SeqExample> all = batches.subList(0, PARTS).stream().flatMap(List::stream).toList();
            for (int part = 0; part < PARTS; part++) {
                run.accumulate(batches.get(part), TrainingRun.meanWeight(all), part == 0);
            }
            found.gradients("token_weighted.d_", run);
            int steps = found.steps(LOSSES);
            double[] losses = new double[steps];
            double[] norms = new double[steps];
            for (int step = 0; step < steps; step++) {
                for (int part = 0; part < PARTS; part++) {
                    List<Seq2SeqExample> batch = batches.get(PARTS * step + part);
                    losses[step] += run.accumulate(batch, TrainingRun.meanWeight(batch) / PARTS, part == 0);
                }
                if (step == 0) {
                    found.gradients("mean_of_means.d_", run);
                }
                norms[step] = run.update(ACCUMULATION_RATE);
            }
            found.logs(losses, norms, new double[0]);
            found.parameters(run, true);
        }
    }
}
