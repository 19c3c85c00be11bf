package org.primer4j.cli;

import org.primer4j.engine.Device;
import picocli.CommandLine.Option;

/** Option of every command that computes. */
final class ThreadOptions {

    @Option(names = "--threads", paramLabel = "N", description = "Compute threads (default: one for each processor).")
    private Integer threads;

    Device device() {
        return threads == null ? Device.cpu() : Valid.of(() -> Device.cpu(threads));
    }
}
