package org.primer4j.cli;

import java.nio.file.Path;
import org.primer4j.model.hub.HubDownload;
import org.primer4j.model.io.ModelReference;
import org.primer4j.peft.PeftFolder;
import org.primer4j.progress.Progress;
import picocli.CommandLine.Option;

/** Whether a model may be fetched. Without the option no command uses the network. */
final class DownloadOptions {

    @Option(names = "--download", description = "Fetch a model ORG/NAME[@REVISION] into the Hugging Face hub's cache, where it is missing or has changed.")
    private boolean download;

    /** Fetches the model if that is wanted and it is one of the hub. */
    void fetch(ModelReference model, Console console) {
        fetch(model, Path.of(""), console);
    }

    /** Fetches the model that an adapter's folder names, likewise. */
    void fetchBase(Path adapter, Console console) {
        if (download) {
            fetch(new ModelReference(PeftFolder.read(adapter).baseModel()), adapter.toAbsolutePath(), console);
        }
    }

    private void fetch(ModelReference model, Path folder, Console console) {
        if (download) {
            model.hub(folder).ifPresent(reference -> {
                try (Progress progress = console.progress()) {
                    HubDownload.ofEnvironment().run(reference, new DownloadProgress(progress, console));
                }
            });
        }
    }
}
