package org.primer4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a device can still give: Linux grants memory it does not have, and ends the process when it is touched. */
final class FreeMemory {

    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";
    private static final int KIB = 1024;
    /** Blocks below this are not worth a look at the system's figures. */
    private static final long SMALL = 64L << 20;

    private FreeMemory() {}

    /**
     * Refuses a block that the device cannot hold.
     *
     * @param hint what takes the memory and what to do, a clause
     */
    static void require(Device device, long bytes, String what, String hint) {
        if (bytes <= SMALL) {
            return;
        }
        long available = device.isHost() ? available() : device.freeBytes();
        if (bytes > available) {
            throw new EngineException(what + " needs " + (bytes >> 20) + " MiB, and " + (device.isHost() ? "the system" : device) + " has " + (available >> 20) + " MiB; " + hint);
        }
    }

    /** Bytes that can be used without swapping; without limit where the system does not say. */
    private static long available() {
        try {
            return Files.readAllLines(MEMINFO).stream().filter(line -> line.startsWith(AVAILABLE))
                .mapToLong(line -> KIB * Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(Long.MAX_VALUE);
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}
