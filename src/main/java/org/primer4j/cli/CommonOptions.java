package org.primer4j.cli;

import org.primer4j.engine.Device;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that trains. */
final class CommonOptions {

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of all that is random (default: ${DEFAULT-VALUE}).")
    long seed;

    @Mixin
    private DeviceOptions devices;

    /** @param console told what auto takes */
    Device device(Console console) {
        return devices.device(console);
    }
}
