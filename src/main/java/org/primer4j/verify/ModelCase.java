package org.primer4j.verify;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.primer4j.engine.Device;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsFile;
import org.primer4j.peft.PeftMethod;

/** A case of a model: all its tensors trained (group models), or one method's (groups peft and adapters). */
record ModelCase(GoldenCase at, Device device) implements GoldenCase.Check {

    static final String GOLDEN = "golden.safetensors";
    private static final String CLASSES = "classifier.out_proj.weight";

    @Override
    public void run(Consumer<CaseResult> results) {
        Path base = at.group().equals("models") ? at.path() : at.root().resolve(CaseMethod.baseModel(at));
        try (PretrainedFolder model = PretrainedFolder.read(base);
                SafetensorsFile golden = SafetensorsFile.open(at.path().resolve(GOLDEN))) {
            CaseMethod trained = CaseMethod.read(at, model);
            CaseGraph graph = graph(model, golden, trained.method());
            CaseRun run = CaseRun.of(graph, model.weights(), trained.added(), device);
            new CaseResults(at, golden, model, graph, trained, run).report(results);
        }
    }

    private CaseGraph graph(PretrainedFolder model, SafetensorsFile golden, PeftMethod method) {
        Path file = at.path().resolve(GOLDEN);
        if (model.config() instanceof EncoderConfig config) {
            int classes = model.weights().containsKey(CLASSES) ? (int) model.weights().get(CLASSES).shape()[0] : 1;
            return new EncoderGraph(config, method, EncoderBatch.read(file, golden, config), classes);
        }
        return new Seq2SeqGraph(model.config().asSeq2Seq(), method, Seq2SeqBatch.read(file, golden, model.config().asSeq2Seq()));
    }
}
