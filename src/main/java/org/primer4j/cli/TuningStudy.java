package org.primer4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.primer4j.BadInputException;
import org.primer4j.Version;
import org.primer4j.engine.Device;
import org.primer4j.experiment.CellStore;
import org.primer4j.experiment.FewShotStudy;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.StudyCells;
import org.primer4j.model.Parameters;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.prediction.Predictor;
import org.primer4j.prediction.TunedTask;
import org.primer4j.progress.Progress;
import org.primer4j.training.CellArchive;
import org.primer4j.training.Learner;
import org.primer4j.training.Seq2SeqLearner;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningSettings;

/**
 * Tunes methods on samples from one start after the other, and keeps the adapters.
 *
 * @param methods what is tuned, each with its settings
 * @param learner how the model learns and answers
 * @param device where
 * @param seed of start values and batches
 * @param adapters folder that the adapters go to; null if they are not kept
 * @param cells where finished cells are found and kept; null if they are not
 */
record TuningStudy<E extends TaskRow>(Map<PeftMethod, TuningSettings> methods, Learner<E> learner, Device device, long seed, Path adapters,
                                        CellStore cells) {

    /**
     * A model to tune from.
     *
     * @param name unprimed or primed
     * @param base how an adapter's folder refers to the model
     * @param peftStart what the method's parameters start from; empty for what it draws
     */
    record Start(String name, PretrainedModel model, String base, Map<String, TensorData> peftStart) {

        /** With start values as the methods draw them. */
        Start(String name, PretrainedModel model, String base) {
            this(name, model, base, Map.of());
        }
    }

    List<RunResult> run(Start start, List<TaskData<E>> samples, Progress progress) {
        List<RunResult> results = new ArrayList<>();
        progress.start("tuning " + start.name(), (long) trials() * samples.size());
        int done = 0;
        for (Map.Entry<PeftMethod, TuningSettings> each : methods.entrySet()) {
            PeftMethod method = each.getKey();
            CellArchive archive = archive(method, each.getValue(), start);
            try (FewShotStudy<E> study = new FewShotStudy<>(start.model(), start.peftStart(), learner, each.getValue(), device)) {
                results.addAll(study.run(method, start.name(), samples, seed, progress, done, archive,
                    (sample, result, tuned) -> keep(method, start, sample, result, tuned)));
            }
            done += each.getValue().trials().size() * samples.size();
        }
        return results;
    }

    // A cell's result depends on the method's own settings and on how it is trained as well.
    private CellArchive archive(PeftMethod method, TuningSettings settings, Start start) {
        if (cells == null) {
            return CellArchive.none();
        }
        String what = method.methodName() + " " + new TreeMap<>(method.settings()) + " " + settings.training() + " " + settings.evaluateEvery();
        return new StudyCells(cells, what, start.name(), seed);
    }

    private int trials() {
        return methods.values().stream().mapToInt(settings -> settings.trials().size()).sum();
    }

    private void keep(PeftMethod method, Start start, TaskData<?> sample, RunResult result, Parameters tuned) {
        if (adapters == null) {
            return;
        }
        Map<String, Object> extras = new LinkedHashMap<>(TunedTask.of(sample, learner.settings()).toMap());
        if (learner instanceof Seq2SeqLearner seq2seq) {
            extras.put(Predictor.BEAMS, seq2seq.reportBeams());
        }
        extras.put("sample", sample.sample());
        extras.put("start", start.name());
        extras.put("seed", seed);
        extras.put("dtype", device.weights().toString());
        extras.put("dev_score", result.devScore());
        extras.put("test_score", result.testScore());
        extras.put("settings", result.settings());
        extras.put("primer_version", Version.number());
        String name = String.join("-", sample.info().name(), String.valueOf(sample.sample()), method.methodName(), start.name());
        write(adapters.resolve(name), TrainedAdapter.of(method, start.base(), tuned, 0, extras), start.model());
    }

    private void write(Path folder, TrainedAdapter adapter, PretrainedModel model) {
        try {
            Files.createDirectories(adapters);
        } catch (IOException e) {
            throw new BadInputException(adapters + ": cannot be made (" + e + "); expected a folder you may write to.", e);
        }
        PeftFolder.write(folder, adapter, PeftTarget.of(model.config()));
    }

    /** For results. */
    static Map<String, Object> settingsMap(Map<PeftMethod, TuningSettings> methods) {
        Map<String, Object> map = new LinkedHashMap<>();
        methods.forEach((method, settings) -> {
            Map<String, Object> one = new LinkedHashMap<>(settings.toMap());
            one.putAll(method.settings());
            map.put(method.methodName(), one);
        });
        return map;
    }
}
