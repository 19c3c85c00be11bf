package org.primer4j.bench;

import java.util.Arrays;

/**
 * MT19937 (Matsumoto and Nishimura 1998) as Python's {@code random} seeds and uses it, so that a benchmark draws the same
 * batches as the peer.
 */
final class MersenneTwister {

    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int next = N;

    /** {@code random.Random(seed)}, for a seed of at most 31 bits: an array of one word as the key. */
    MersenneTwister(int seed) {
        state[0] = 19650218;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * mixed(i - 1) + i;
        }
        int i = 1;
        for (int k = 0; k < N; k++) {
            state[i] = (state[i] ^ mixed(i - 1) * 1664525) + seed;
            i = advance(i);
        }
        for (int k = 1; k < N; k++) {
            state[i] = (state[i] ^ mixed(i - 1) * 1566083941) - i;
            i = advance(i);
        }
        state[0] = Integer.MIN_VALUE;
    }

    private int mixed(int i) {
        return state[i] ^ state[i] >>> 30;
    }

    private int advance(int i) {
        if (i + 1 < N) {
            return i + 1;
        }
        state[0] = state[N - 1];
        return 1;
    }

    private void generate() {
        for (int i = 0; i < N; i++) {
            int y = state[i] & Integer.MIN_VALUE | state[(i + 1) % N] & Integer.MAX_VALUE;
            state[i] = state[(i + M) % N] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
        }
        next = 0;
    }

    /** 32 random bits. */
    int nextInt() {
        if (next == N) {
            generate();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        return y ^ y >>> 18;
    }

    /** A whole number in [0, bound): the highest bits that can hold it, drawn until they do. */
    int nextInt(int bound) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
        while (true) {
            int value = nextInt() >>> Integer.SIZE - bits;
            if (value < bound && value >= 0) {
                return value;
            }
        }
    }

    /** {@code random.sample(range(n), n)}: all numbers below n in random order. */
    int[] permutation(int n) {
        int[] pool = new int[n];
        int[] order = new int[n];
        Arrays.setAll(pool, i -> i);
        for (int i = 0; i < n; i++) {
            int j = nextInt(n - i);
            order[i] = pool[j];
            pool[j] = pool[n - i - 1];
        }
        return order;
    }
}
