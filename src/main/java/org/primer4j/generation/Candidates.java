package org.primer4j.generation;

/** The best continuations of a source's beams, best first; of equals the lower beam first, then the one given first. */
final class Candidates {

    private final int[] beams;
    private final int[] tokens;
    private final double[] sums;
    private int count;

    Candidates(int most) {
        beams = new int[most];
        tokens = new int[most];
        sums = new double[most];
    }

    void clear() {
        count = 0;
    }

    /** Puts a continuation at its place; false when it is none of the best. */
    boolean offer(int beam, int token, double sum) {
        if (sum == Double.NEGATIVE_INFINITY || count == sums.length && sum <= sums[count - 1]) {
            return false;
        }
        int at = count == sums.length ? count - 1 : count++;
        for (; at > 0 && sums[at - 1] < sum; at--) {
            copy(at - 1, at);
        }
        beams[at] = beam;
        tokens[at] = token;
        sums[at] = sum;
        return true;
    }

    private void copy(int from, int to) {
        beams[to] = beams[from];
        tokens[to] = tokens[from];
        sums[to] = sums[from];
    }

    int count() {
        return count;
    }

    int beam(int rank) {
        return beams[rank];
    }

    int token(int rank) {
        return tokens[rank];
    }

    double sum(int rank) {
        return sums[rank];
    }
}
