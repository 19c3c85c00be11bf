package org.primer4j.experiment.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SignFlipTestTest {

    @Test
    void threeEqualDifferencesAreAsFarInTwoOfEightPatterns() {
        assertEquals(0.25, SignFlipTest.pValue(new double[] {0.1, 0.1, 0.1}, 1));
    }

    @Test
    void noDifferenceIsNoEvidence() {
        assertEquals(1, SignFlipTest.pValue(new double[] {0, 0}, 1));
        assertEquals(1, SignFlipTest.pValue(new double[] {0.3}, 1));
        assertTrue(Double.isNaN(SignFlipTest.pValue(new double[0], 1)));
        assertThrows(IllegalArgumentException.class, () -> SignFlipTest.pValue(new double[] {1, Double.NaN}, 1));
    }

    @Test
    void equalDifferencesHaveTheSmallestPValue() {
        for (int count : new int[] {1, 2, 7, SignFlipTest.MOST_EXACT, 60}) {
            double[] equal = new double[count];
            Arrays.fill(equal, 0.1);
            assertEquals(SignFlipTest.smallestPValue(count), SignFlipTest.pValue(equal, 1), 0, count + " differences");
        }
        assertTrue(Double.isNaN(SignFlipTest.smallestPValue(0)));
    }

    @Property(tries = 200)
    void agreesWithEveryPatternTried(@ForAll @Size(min = 1, max = 10) List<@IntRange(min = -9, max = 9) Integer> differences) {
        int[] whole = differences.stream().mapToInt(Integer::intValue).toArray();
        // A tenth is no binary fraction: sums that are equal in truth differ by rounding.
        double[] tenths = Arrays.stream(whole).mapToDouble(value -> 0.1 * value).toArray();
        assertEquals(byCounting(whole), SignFlipTest.pValue(tenths, 1), 1e-15);
    }

    private static double byCounting(int[] differences) {
        int observed = Math.abs(Arrays.stream(differences).sum());
        int asFar = 0;
        for (int pattern = 0; pattern < 1 << differences.length; pattern++) {
            int sum = 0;
            for (int i = 0; i < differences.length; i++) {
                sum += (pattern >> i & 1) == 1 ? differences[i] : -differences[i];
            }
            asFar += Math.abs(sum) >= observed ? 1 : 0;
        }
        return (double) asFar / (1 << differences.length);
    }

    @Test
    void monteCarloAgreesWithTheDistributionOfTheSum() {
        int[] differences = new int[SignFlipTest.MOST_EXACT + 5];
        Arrays.setAll(differences, i -> i % 5 - 1);
        double exact = byDistribution(differences);
        double drawn = SignFlipTest.pValue(Arrays.stream(differences).asDoubleStream().toArray(), 3);
        assertEquals(exact, drawn, 4 * Math.sqrt(exact * (1 - exact) / 20_000));
        assertEquals(drawn, SignFlipTest.pValue(Arrays.stream(differences).asDoubleStream().toArray(), 3));
    }

    private static double byDistribution(int[] differences) {
        Map<Integer, Double> chances = Map.of(0, 1.0);
        for (int difference : differences) {
            Map<Integer, Double> next = new HashMap<>();
            chances.forEach((sum, chance) -> {
                next.merge(sum + difference, chance / 2, Double::sum);
                next.merge(sum - difference, chance / 2, Double::sum);
            });
            chances = next;
        }
        int observed = Math.abs(Arrays.stream(differences).sum());
        return chances.entrySet().stream().filter(entry -> Math.abs(entry.getKey()) >= observed)
            .mapToDouble(Map.Entry::getValue).sum();
    }
}
