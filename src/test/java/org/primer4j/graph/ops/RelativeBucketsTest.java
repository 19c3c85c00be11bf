package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.primer4j.model.io.SafetensorsFile;

class RelativeBucketsTest {

    private static final int REACH = 700;

    @Property(tries = 200)
    void aBucketIsTheLastWhoseSmallestDistanceIsReached(@ForAll @IntRange(min = 4, max = 64) int buckets, @ForAll @IntRange(max = 500) int beyond,
        @ForAll boolean bidirectional, @ForAll @IntRange(min = -REACH, max = REACH) int relative) {
        RelativeBuckets rule = new RelativeBuckets(buckets, buckets / 2 + 1 + beyond, bidirectional);
        int[] smallest = rule.smallestDistances();
        int distance = bidirectional ? Math.abs(relative) : Math.max(0, -relative);
        int last = IntStream.range(0, smallest.length).filter(b -> smallest[b] <= distance).max().orElseThrow();
        assertEquals(last + (bidirectional && relative > 0 ? rule.direction() : 0), rule.bucket(relative));
    }

    @Property(tries = 200)
    void bucketsAreExactNearByAndEndWithTheLast(@ForAll @IntRange(min = 4, max = 64) int buckets, @ForAll @IntRange(max = 500) int beyond) {
        RelativeBuckets rule = new RelativeBuckets(buckets, buckets / 2 + 1 + beyond, false);
        IntStream.range(0, buckets / 2).forEach(n -> assertEquals(n, rule.bucket(-n)));
        assertEquals(0, rule.bucket(3));
        assertEquals(buckets - 1, rule.bucket(-2 * rule.maxDistance()));
        assertTrue(IntStream.range(0, REACH).allMatch(n -> rule.bucket(-n) <= rule.bucket(-n - 1)));
    }

    @Test
    void refusesTooFewBuckets() {
        assertThrows(IllegalArgumentException.class, () -> new RelativeBuckets(3, 128, true));
        assertThrows(IllegalArgumentException.class, () -> new RelativeBuckets(1, 128, false));
        assertThrows(IllegalArgumentException.class, () -> new RelativeBuckets(32, 8, true));
    }

    @Test
    void agreesWithTheGoldenBuckets() {
        Path file = Path.of("../shared/golden/models/t5_buckets.safetensors");
        Assumptions.assumeTrue(Files.exists(file), "no golden files");
        try (SafetensorsFile golden = SafetensorsFile.open(file)) {
            check(golden, "t5_base", 32, 128);
            check(golden, "golden", 8, 12);
        }
    }

    private static void check(SafetensorsFile golden, String which, int buckets, int maxDistance) {
        RelativeBuckets both = new RelativeBuckets(buckets, maxDistance, true), before = new RelativeBuckets(buckets, maxDistance, false);
        long[] relative = golden.longs("relative_position");
        assertArrayEquals(golden.longs(which + ".bidirectional"), Arrays.stream(relative).map(r -> both.bucket((int) r)).toArray());
        assertArrayEquals(golden.longs(which + ".causal"), Arrays.stream(relative).map(r -> before.bucket((int) r)).toArray());
    }
}
