package org.primer4j.generation;

import java.util.Arrays;

/** The unfinished sequences of a source, best first, and those that follow them. */
final class RunningBeams {

    private int[][] tokens;
    private int[][] nextTokens;
    private double[] sums;
    private double[] nextSums;
    private int[] parents;
    private int[] nextParents;
    private int count;
    private int nextCount;
    private int length;

    RunningBeams(int beams, int maxLength, int start) {
        tokens = new int[beams][maxLength];
        nextTokens = new int[beams][maxLength];
        sums = new double[beams];
        nextSums = new double[beams];
        parents = new int[beams];
        nextParents = new int[beams];
        tokens[0][0] = start;
        parents[0] = -1;
        count = 1;
        length = 1;
    }

    int count() {
        return count;
    }

    /** Tokens of each sequence. */
    int length() {
        return length;
    }

    int[] tokens(int beam) {
        return tokens[beam];
    }

    /** Sum of log-probabilities. */
    double sum(int beam) {
        return sums[beam];
    }

    /** The beam of the step before that this one continues; -1 in the first step. */
    int parent(int beam) {
        return parents[beam];
    }

    boolean isFull() {
        return nextCount == tokens.length;
    }

    /** Keeps the beam, continued by a token, for the next step. */
    void keep(int beam, int token, double sum) {
        System.arraycopy(tokens[beam], 0, nextTokens[nextCount], 0, length);
        nextTokens[nextCount][length] = token;
        nextSums[nextCount] = sum;
        nextParents[nextCount++] = beam;
    }

    /** A sequence of its own: the beam, continued by a token. */
    int[] continued(int beam, int token) {
        int[] sequence = Arrays.copyOf(tokens[beam], length + 1);
        sequence[length] = token;
        return sequence;
    }

    /** Goes on with what was kept. */
    void advance() {
        int[][] oldTokens = tokens;
        double[] oldSums = sums;
        int[] oldParents = parents;
        tokens = nextTokens;
        sums = nextSums;
        parents = nextParents;
        nextTokens = oldTokens;
        nextSums = oldSums;
        nextParents = oldParents;
        count = nextCount;
        nextCount = 0;
        length++;
    }
}
