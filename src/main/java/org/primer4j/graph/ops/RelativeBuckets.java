package org.primer4j.graph.ops;

/**
 * T5's relative positions (Raffel et al. 2020, sec. 2.1; the rule is that of Hugging Face's {@code _relative_position_bucket}):
 * small distances between query and key have a bucket each, larger ones share buckets whose sizes grow with the logarithm, and
 * all from {@code maxDistance} on share the last.
 *
 * @param buckets rows of the bias table
 * @param maxDistance distance from which on all keys are in the last bucket
 * @param bidirectional whether keys behind the query have buckets of their own (the upper half), as in an encoder; otherwise
 *     they are in bucket 0
 */
public record RelativeBuckets(int buckets, int maxDistance, boolean bidirectional) {

    private static final int DIRECTIONS = 2;

    /** @throws IllegalArgumentException when a direction has fewer than 2 buckets, or distances end before its exact ones */
    public RelativeBuckets {
        int direction = bidirectional ? buckets / DIRECTIONS : buckets;
        if (direction < 2 || maxDistance <= direction / 2) {
            throw new IllegalArgumentException("relative positions need at least 2 buckets for each direction and a largest distance above "
                + "half of them, not " + buckets + " buckets and distance " + maxDistance);
        }
    }

    /** Buckets of one direction. */
    public int direction() {
        return bidirectional ? buckets / DIRECTIONS : buckets;
    }

    /** The bucket of {@code relative} = key position - query position. */
    public int bucket(int relative) {
        if (bidirectional) {
            return (relative > 0 ? direction() : 0) + ofDistance(Math.abs((long) relative));
        }
        return ofDistance(Math.max(0, -(long) relative));
    }

    // The logarithm and what follows are rounded to float32 one by one, as PyTorch does.
    private int ofDistance(long distance) {
        int exact = direction() / 2;
        if (distance < exact) {
            return (int) distance;
        }
        float log = (float) Math.log((float) distance / exact);
        float share = log / (float) Math.log((double) maxDistance / exact);
        return Math.min(exact + (int) (share * (direction() - exact)), direction() - 1);
    }

    /**
     * The smallest distance of each bucket of one direction, ascending; a bucket that no distance falls in has the next one's.
     * The bucket of a distance is the last whose smallest distance does not exceed it.
     */
    public int[] smallestDistances() {
        int[] smallest = new int[direction()];
        int distance = 0;
        for (int bucket = 0; bucket < smallest.length; bucket++) {
            while (ofDistance(distance) < bucket) {
                distance++;
            }
            smallest[bucket] = distance;
        }
        return smallest;
    }
}
