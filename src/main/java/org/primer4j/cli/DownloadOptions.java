package org.primer4j.cli;

import java.nio.file.Path;
import org.primer4j.cli.progress.Progress;
import org.primer4j.model.hub.HubDownload;
import org.primer4j.model.io.ModelReference;
import picocli.CommandLine.Option;

/** Whether a model may be fetched. Without the option no command uses the network. */
final class DownloadOptions {

    @Option(names = "--download", description = "Fetch a model ORG/NAME[@REVISION] into the Hugging Face hub's cache, where it is missing or has changed.")
    private boolean download;

    /**
     * Fetches the model if that is wanted and it is one of the hub.
     *
     * @param folder where a folder of the same name would be looked for
     */
    void fetch(ModelReference model, Path folder, Console console) {
        if (download) {
            model.hub(folder).ifPresent(reference -> {
                try (Progress progress = console.progress()) {
                    HubDownload.ofEnvironment().run(reference, new DownloadProgress(progress, console));
                }
            });
        }
    }
}
