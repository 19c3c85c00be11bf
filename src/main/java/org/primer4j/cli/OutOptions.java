package org.primer4j.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where results go. */
final class OutOptions {

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the results; made if it is not there.")
    Path out;

    @Option(names = "--overwrite", description = "Replace another run's results there.")
    private boolean overwrite;

    /** @param entries what a finished run leaves there, its mark last */
    RunFolder open(List<String> entries) {
        return RunFolder.open(out, entries, overwrite);
    }

    String onInterruption() {
        return "; nothing was written to " + out;
    }
}
