package org.primer4j.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TruncationTest {

    @Test
    void specialTokensStay() {
        assertArrayEquals(new int[] {0, 1, 2, 5}, Truncation.kept(new long[] {-1, 0, 0, 0, 0, -1}, 4));
        assertArrayEquals(new int[] {0, 5}, Truncation.kept(new long[] {-1, 0, 0, 0, 0, -1}, 2));
        assertThrows(IllegalArgumentException.class, () -> Truncation.kept(new long[] {-1, 0, -1}, 1));
    }

    @Test
    void theLongerTextGetsTheExtraToken() {
        assertLengths(3, 4, 3, 9, 7);
        assertLengths(4, 3, 9, 3, 7);
        assertLengths(2, 3, 4, 9, 5);
        assertLengths(3, 2, 9, 4, 5);
        assertLengths(2, 3, 4, 4, 5);
    }

    @Property
    void keepsAsMuchAsFitsAndCutsTheLonger(@ForAll @IntRange(max = 20) int first, @ForAll @IntRange(max = 20) int second,
            @ForAll @IntRange(min = 3, max = 50) int maxTokens) {
        long[] ids = pair(first, second);
        int[] kept = Truncation.kept(ids, maxTokens);
        int keptFirst = count(ids, kept, 0);
        int keptSecond = count(ids, kept, 1);
        assertEquals(Math.min(ids.length, maxTokens), kept.length);
        assertEquals(3, count(ids, kept, -1));
        assertTrue(keptFirst == first || keptFirst + 1 >= keptSecond, "first was cut below the second");
        assertTrue(keptSecond == second || keptSecond + 1 >= keptFirst, "second was cut below the first");
        for (int i = 0; i < keptFirst; i++) {
            assertEquals(i + 1, kept[i + 1]);
        }
    }

    private static void assertLengths(int expectedFirst, int expectedSecond, int first, int second, int room) {
        long[] ids = pair(first, second);
        int[] kept = Truncation.kept(ids, room + 3);
        assertEquals(expectedFirst + "+" + expectedSecond, count(ids, kept, 0) + "+" + count(ids, kept, 1));
    }

    private static long[] pair(int first, int second) {
        long[] ids = new long[first + second + 3];
        Arrays.fill(ids, 1 + first + 1, ids.length - 1, 1);
        ids[0] = -1;
        ids[first + 1] = -1;
        ids[ids.length - 1] = -1;
        return ids;
    }

    private static int count(long[] ids, int[] kept, long id) {
        return (int) Arrays.stream(kept).filter(i -> ids[i] == id).count();
    }
}
