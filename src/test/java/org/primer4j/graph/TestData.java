package org.primer4j.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;

/**
 * Random numbers for a graph's leaves, drawn from (seed, leaf, lane), so that a lane alone gets the numbers it has in a
 * pack. Real numbers are exact in float32.
 */
public final class TestData {

    private final long seed;
    private final Map<String, double[]> changed = new HashMap<>();
    // Drawing takes longer than most kernels, and a check asks for the same numbers in every run.
    private final Map<Draw, double[]> drawn;

    private record Draw(String leaf, int lane, int count, double spread) {}

    public TestData(long seed) {
        this(seed, new HashMap<>());
    }

    private TestData(long seed, Map<Draw, double[]> drawn) {
        this.seed = seed;
        this.drawn = drawn;
    }

    /** The random numbers of this one, without what was set. */
    public TestData unchanged() {
        return new TestData(seed, drawn);
    }

    public long seed() {
        return seed;
    }

    /** Gives a leaf these numbers instead of random ones. */
    public void set(String leaf, double[] values) {
        changed.put(leaf, values);
    }

    /** All numbers of a leaf of real numbers, lane after lane; not to be changed. */
    public double[] reals(Leaf leaf, Batch batch) {
        double[] known = changed.get(leaf.leafName());
        if (known != null) {
            return known;
        }
        Shape shape = leaf.shape();
        if (shape.axis() == null && !shape.laned()) {
            return normal(leaf, -1, shape.rows() * shape.cols());
        }
        return concatenate(batch, lane -> normal(leaf, batch.lanes()[lane], rows(shape, batch, lane) * shape.cols()));
    }

    /** All whole numbers of a leaf, within its limits. */
    public int[] integers(Leaf leaf, Batch batch) {
        if (changed.containsKey(leaf.leafName())) {
            return Arrays.stream(changed.get(leaf.leafName())).mapToInt(v -> (int) v).toArray();
        }
        if (leaf.limits() instanceof IndexLimits.Offsets cut) {
            return offsets(batch.lengths(leaf.shape().axis().name(), cut.target().name()));
        }
        return Arrays.stream(concatenate(batch, lane -> lane(leaf, batch, lane))).mapToInt(v -> (int) v).toArray();
    }

    private double[] lane(Leaf leaf, Batch batch, int lane) {
        Random random = random(leaf.leafName(), batch.lanes()[lane]);
        double[] values = new double[rows(leaf.shape(), batch, lane) * leaf.shape().cols()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(leaf.limits(), batch, lane, i, random);
        }
        return values;
    }

    private static int integer(IndexLimits limits, Batch batch, int lane, int i, Random random) {
        if (limits instanceof IndexLimits.Below below) {
            return random.nextInt(below.limit());
        }
        if (limits instanceof IndexLimits.RowOf of) {
            return batch.first(of.axis().name(), lane) + random.nextInt(batch.rows(of.axis().name(), lane));
        }
        return limits instanceof IndexLimits.WithinSegment in ? random.nextInt(batch.segments().get(axisOf(in))[lane][i]) : random.nextInt(1000);
    }

    private static String axisOf(IndexLimits.WithinSegment within) {
        return within.offsets().shape().axis().name();
    }

    private static int[] offsets(int[][] lengths) {
        int[] flat = Arrays.stream(lengths).flatMapToInt(Arrays::stream).toArray(), offsets = new int[flat.length + 1];
        for (int i = 0; i < flat.length; i++) {
            offsets[i + 1] = offsets[i] + flat[i];
        }
        return offsets;
    }

    private static int rows(Shape shape, Batch batch, int lane) {
        return shape.axis() == null ? shape.rows() : batch.rows(shape.axis().name(), lane);
    }

    private Random random(String leaf, int lane) {
        return new Random(seed * 1_000_003L + 31L * leaf.hashCode() + 7_919L * lane);
    }

    // Weights are scaled as models scale them, so that x W^T is as large as x.
    private double[] normal(Leaf leaf, int lane, int count) {
        double spread = leaf.kind() == Leaf.Kind.INPUT ? 1 : 1 / Math.sqrt(leaf.shape().cols());
        return drawn.computeIfAbsent(new Draw(leaf.leafName(), lane, count, spread), this::draw);
    }

    private double[] draw(Draw draw) {
        Random random = random(draw.leaf, draw.lane);
        return DoubleStream.generate(() -> (float) (draw.spread * random.nextGaussian())).limit(draw.count).toArray();
    }

    private interface OfLane {
        double[] numbers(int lane);
    }

    private static double[] concatenate(Batch batch, OfLane part) {
        double[] all = {};
        for (int lane = 0; lane < batch.laneCount(); lane++) {
            double[] more = part.numbers(lane);
            int end = all.length;
            all = Arrays.copyOf(all, end + more.length);
            System.arraycopy(more, 0, all, end, more.length);
        }
        return all;
    }
}
