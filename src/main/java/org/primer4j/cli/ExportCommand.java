package org.primer4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFolder;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.peft.LoraMerge;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes an adapter for use elsewhere: merged into its model, or for Hugging Face's peft library. */
@CommandLine.Command(name = "export", description = {"Write an adapter's folder for Hugging Face's peft library, or with --merge its model with the adapter",
    "(LoRA alone) added to the weights, as a Hugging Face folder."})
final class ExportCommand extends Command {

    @Option(names = "--adapter", paramLabel = "DIR", required = true, description = "An adapter's folder, as DIR/adapters/... of 'tune'.")
    private Path folder;

    @Option(names = "--model", paramLabel = "DIR|ORG/NAME", description = "The model it was tuned on (default: the one that its folder names).")
    private String model;

    @Option(names = "--merge", description = "Add the adapter's updates to the model's weights.")
    private boolean merge;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "A new or empty folder.")
    private Path out;

    @Mixin
    private DownloadOptions downloadOptions;

    @Override
    public Integer call() {
        AtomicFolder.requireFree(out);
        TrainedAdapter adapter = PeftFolder.read(folder);
        ModelReference reference = reference(adapter);
        downloadOptions.fetch(reference, console());
        PretrainedModel base = reference.read();
        adapter.method().requireFits(base.weights().keySet());
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("adapter", folder.toString());
        results.put("method", adapter.method().methodName());
        results.put("model", reference.text());
        results.put("merged", merge);
        results.put("out", out.toString());
        if (merge) {
            results.put("drift", merge(base, adapter));
        } else {
            export(base, new TrainedAdapter(adapter.method(), reference.text(), adapter.tensors(), adapter.extras()));
        }
        print(results);
        return ExitStatus.DONE;
    }

    private ModelReference reference(TrainedAdapter adapter) {
        if (model != null) {
            return new ModelReference(model).absolute();
        }
        if (adapter.baseModel().isBlank()) {
            throw new BadInputException(folder + ": the adapter does not name its model; expected --model.");
        }
        return new ModelReference(adapter.baseModel()).absoluteFrom(folder.toAbsolutePath());
    }

    private double merge(PretrainedModel base, TrainedAdapter adapter) {
        LoraMerge.Merged merged = LoraMerge.merge(base.weights(), adapter);
        base.withWeights(merged.weights()).write(out);
        return merged.drift();
    }

    private void export(PretrainedModel base, TrainedAdapter adapter) {
        PeftTarget target = PeftTarget.of(base.config());
        if (!PeftFolder.inPeft(adapter.method(), target)) {
            throw new BadInputException(folder + ": the peft library has no form for " + adapter.method().methodName() + " on this model; expected"
                + " an adapter of lora, ia3 or prompt, or of prefix on BERT or RoBERTa.");
        }
        PeftFolder.write(out, adapter, target);
    }

    private void print(Map<String, Object> results) {
        if (json) {
            console().json(results);
        } else if (merge) {
            console().print("%s: %s with %s merged; unmerging it moves a weight by at most %.2g%n".formatted(out, results.get("model"), folder,
                (double) results.get("drift")));
        } else {
            console().print("%s: %s of %s for the peft library%n".formatted(out, results.get("method"), results.get("model")));
        }
    }

    @Override
    String onInterruption() {
        return "; nothing was written to " + out;
    }
}
