package org.primer4j.model.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;
import org.primer4j.BadInputException;

/** Makes broken files and checks how they are refused. */
final class Hostile {

    private Hostile() {
    }

    /** A safetensors file with this header and as many zero bytes of data. */
    static Path safetensors(Path folder, String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return safetensors(folder, json.length, json, dataBytes);
    }

    static Path safetensors(Path folder, long headerLength, byte[] header, int dataBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerLength).put(header);
        return Files.write(folder.resolve("model.safetensors"), bytes.array());
    }

    /** Runs what must be refused in one line that has all the fragments. */
    static void assertRefused(Executable action, Object... fragments) {
        String message = assertThrows(BadInputException.class, action).getMessage();
        for (Object fragment : fragments) {
            assertTrue(message.contains(fragment.toString()), () -> "no '" + fragment + "' in: " + message);
        }
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.length() < 800 && message.endsWith("."), message);
    }
}
