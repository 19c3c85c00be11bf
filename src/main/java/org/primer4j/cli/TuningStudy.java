package org.primer4j.cli;

import java.io.IOException;
import java.nio.file.Files;
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
import org.primer4j.experiment.RunResult;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.prediction.TunedTask;
import org.primer4j.training.Parameters;
import org.primer4j.training.TaskData;
import org.primer4j.training.TuningSettings;

/**
 * Tunes methods on samples from one start after the other, and keeps the adapters.
 *
 * @param methods what is tuned, each with its settings
 * @param scoring how texts are scored
 * @param capacity room for one part of a batch
 * @param device where
 * @param seed of start values and batches
 * @param adapters folder that the adapters go to; null if they are not kept
 */
record TuningStudy(Map<PeftMethod, TuningSettings> methods, ScoringSettings scoring, Capacity capacity, Device device, long seed, Path adapters) {

    /**
     * A model to tune from.
     *
     * @param name unprimed or primed
     * @param base how an adapter's folder refers to the model
     */
    record Start(String name, PretrainedModel model, String base) {
    }

    List<RunResult> run(Start start, List<TaskData> samples, Progress progress) {
        List<RunResult> results = new ArrayList<>();
        progress.start("tuning " + start.name(), (long) methods.size() * samples.size());
        methods.forEach((method, settings) -> {
            try (FewShotStudy study = new FewShotStudy(start.model(), scoring.objective(), settings, capacity, device)) {
                results.addAll(study.run(method, start.name(), samples, seed, progress, results.size(),
                    (sample, result, tuned) -> keep(method, start, sample, result, tuned)));
            }
        });
        return results;
    }

    private void keep(PeftMethod method, Start start, TaskData sample, RunResult result, Parameters tuned) {
        if (adapters == null) {
            return;
        }
        Map<String, Object> extras = new LinkedHashMap<>(TunedTask.of(sample, scoring).toMap());
        extras.put("sample", sample.sample());
        extras.put("start", start.name());
        extras.put("seed", seed);
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
    Map<String, Object> settingsMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        methods.forEach((method, settings) -> {
            Map<String, Object> one = new LinkedHashMap<>(settings.toMap());
            one.putAll(method.settings());
            map.put(method.methodName(), one);
        });
        return map;
    }
}
