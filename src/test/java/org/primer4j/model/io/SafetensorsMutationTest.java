package org.primer4j.model.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.primer4j.BadInputException;

/** A damaged file is read or refused with a {@link BadInputException}; anything else fails the property. */
class SafetensorsMutationTest {

    private static Path path;
    private static byte[] valid;

    @BeforeContainer
    static void writeValidFile() throws IOException {
        path = Files.createTempFile("mutated", ".safetensors");
        SafetensorsWriter.write(path, Map.of("a", TensorData.of(new long[] {2, 2}, 1, 2, 3, 4), "b.c", TensorData.of(new long[] {3}, 5, 6, 7)),
                Map.of("format", "pt"));
        valid = Files.readAllBytes(path);
    }

    @AfterContainer
    static void delete() throws IOException {
        Files.delete(path);
    }

    @Property(tries = 1000)
    void readsOrRefusesDamagedBytes(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = valid.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        readOrRefuse(bytes);
    }

    /** Digits and punctuation swapped in the header get past the JSON parser more often than random bytes. */
    @Property(tries = 1000)
    void readsOrRefusesDamagedHeaders(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = valid.clone();
        String alphabet = "0123456789-,:[]{}\" eE.\\u";
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes[8 + random.nextInt(bytes.length - 8 - 28)] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
        }
        readOrRefuse(bytes);
    }

    @Property(tries = 500)
    void readsOrRefusesTruncatedFiles(@ForAll long seed) throws IOException {
        readOrRefuse(Arrays.copyOf(valid, new Random(seed).nextInt(2 * valid.length)));
    }

    private static void readOrRefuse(byte[] bytes) throws IOException {
        Files.write(path, bytes);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (String name : file.names()) {
                file.floats(name);
            }
        } catch (BadInputException refused) {
            if (refused.getMessage().lines().count() != 1) {
                throw new AssertionError("more than one line: " + refused.getMessage());
            }
        }
    }
}
