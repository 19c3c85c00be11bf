package org.primer4j.cli;

import org.primer4j.engine.Device;
import picocli.CommandLine.Option;

/** Options of every command that computes. */
final class CommonOptions {

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of all that is random (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(names = "--threads", paramLabel = "N", description = "Compute threads (default: one for each processor).")
    Integer threads;

    Device device() {
        return threads == null ? Device.cpu() : Valid.of(() -> Device.cpu(threads));
    }
}
