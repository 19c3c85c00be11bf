package org.primer4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;

/** A run's peak memory as the peer measures its own: resident in the process, or on a GPU what is allocated there. */
final class ProcessMemory {

    private static final double KIB_PER_MIB = 1024;

    private ProcessMemory() {}

    /** Starts the peak anew. */
    static void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    /** Peak MiB since the reset. What the engine holds on a GPU does not change from step to step. */
    static double peakMib(Device device) throws IOException {
        if (device.kind() != Device.Kind.CPU) {
            return Engine.allocatedBytes() / KIB_PER_MIB / KIB_PER_MIB;
        }
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmHWM")).findFirst().orElseThrow();
        return Double.parseDouble(line.replaceAll("\\D", "")) / KIB_PER_MIB;
    }
}
