package org.primer4j.cli;

import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import picocli.CommandLine.Option;

/** Where to compute: options of every command that does. */
final class DeviceOptions {

    private static final String CPU = "cpu";
    private static final String AUTO = "auto";

    @Option(names = "--device", paramLabel = "cpu|cuda:N|auto", defaultValue = CPU, description = "Where to compute: cpu; cuda:N, the GPU of that number, or"
        + " cuda, the first; auto, the first GPU where there is one that works, else the CPU (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--threads", paramLabel = "N", description = "Compute threads of the CPU (default: one for each processor).")
    private Integer threads;

    /** @param console told what auto takes */
    Device device(Console console) {
        if (device.equals(AUTO)) {
            return auto(console);
        }
        Device asked = Valid.of(() -> Device.of(device, threads()));
        Valid.require(threads == null || asked.kind() == Device.Kind.CPU, "--threads", threads, "none with --device " + device + ": threads are of the CPU");
        return asked;
    }

    private Device auto(Console console) {
        Device cpu = Valid.of(() -> Device.cpu(threads()));
        try {
            Device cuda = Device.cuda(0);
            console.log("--device auto takes " + cuda);
            return cuda;
        } catch (BadInputException e) {
            console.log("--device auto takes " + cpu + ": " + e.getMessage());
            return cpu;
        }
    }

    private int threads() {
        return threads == null ? Device.cpu().threads() : threads;
    }
}
