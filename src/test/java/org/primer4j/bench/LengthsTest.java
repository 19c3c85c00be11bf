package org.primer4j.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;

class LengthsTest {

    @TempDir
    Path folder;

    // random.Random(seed).sample(range(n), n) of Python 3.
    @Test
    void ordersAsPythonDoes() {
        assertArrayEquals(new int[] {7, 18, 17, 4, 11, 14, 9, 19, 10, 13, 1, 0, 12, 2, 16, 15, 5, 6, 3, 8}, new MersenneTwister(3).permutation(20));
        assertArrayEquals(new int[] {394, 388, 455, 215, 20, 132, 494, 261}, Arrays.copyOf(new MersenneTwister(0).permutation(512), 8));
        assertArrayEquals(new int[] {171, 400, 408, 375, 328}, Arrays.copyOfRange(new MersenneTwister(7).permutation(512), 507, 512));
        assertArrayEquals(new int[] {0}, new MersenneTwister(3).permutation(1));
    }

    @Test
    void everyPassHoldsEveryPairOnce() {
        List<Lengths.Pair> pairs = List.of(new Lengths.Pair(1, 1), new Lengths.Pair(2, 1), new Lengths.Pair(3, 1));
        List<Lengths.Pair> order = Lengths.order(pairs, 7, 5);
        assertEquals(7, order.size());
        assertTrue(order.subList(0, 3).containsAll(pairs) && order.subList(3, 6).containsAll(pairs), order.toString());
    }

    @Test
    void readsFixedAndFiles() throws IOException {
        assertEquals(List.of(new Lengths.Pair(128, 32)), Lengths.read("fixed:128/32"));
        assertEquals(List.of(new Lengths.Pair(19, 3), new Lengths.Pair(7, 2)), Lengths.read(file("# source target\n19 3\n\n 7\t2 more\n")));
    }

    @Test
    void refusesWhatIsNotLengths() throws IOException {
        assertRefused(file("19 3\nx y\n"), "line 2");
        assertRefused(file("19\n"), "line 1");
        assertRefused(file("0 3\n"), "line 1");
        assertRefused(file(""), "no lines");
        assertRefused("fixed:0/3", "fixed:0/3");
        assertRefused("fixed:9999999/3", "cannot be read");
        assertRefused(folder.resolve("missing").toString(), "cannot be read");
    }

    private static void assertRefused(String spec, String part) {
        String message = assertThrows(BadInputException.class, () -> Lengths.read(spec)).getMessage();
        assertTrue(message.contains(part), message);
    }

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "lengths", ".txt"), text).toString();
    }
}
