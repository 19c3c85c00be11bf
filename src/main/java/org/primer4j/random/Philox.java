package org.primer4j.random;

/**
 * Counter-based random numbers (Philox 4x32-10, Salmon et al. 2011): the i-th number of a stream depends on the seed, the
 * stream's name and i alone, so that a tensor's start values do not depend on the order of anything else.
 */
public final class Philox {

    private static final int ROUNDS = 10;
    private static final double TWO_TO_MINUS_32 = 0x1p-32;

    private final int keyLow;
    private final int keyHigh;
    private final long stream;
    private final int[] block = new int[4];
    private long counter;
    private int used = 4;

    /**
     * @param seed of the run
     * @param stream name of what is drawn
     */
    public Philox(long seed, String stream) {
        this.keyLow = (int) seed;
        this.keyHigh = (int) (seed >>> 32);
        this.stream = hash(stream);
    }

    // FNV-1a in 64 bits.
    private static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** 32 random bits. */
    public int nextInt() {
        if (used == 4) {
            generate((int) counter, (int) (counter >>> 32), (int) stream, (int) (stream >>> 32));
            counter++;
            used = 0;
        }
        return block[used++];
    }

    /** A whole number in [0, bound), without bias. */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("the bound must be at least 1, not " + bound);
        }
        long limit = (1L << 32) / bound * bound;
        while (true) {
            long bits = Integer.toUnsignedLong(nextInt());
            if (bits < limit) {
                return (int) (bits % bound);
            }
        }
    }

    /** Uniform in (0, 1). */
    public double nextDouble() {
        return (Integer.toUnsignedLong(nextInt()) + 0.5) * TWO_TO_MINUS_32;
    }

    /** Normal with mean 0 and variance 1 (Box and Muller 1958). */
    public double nextGaussian() {
        double radius = Math.sqrt(-2 * Math.log(nextDouble()));
        return radius * Math.cos(2 * Math.PI * nextDouble());
    }

    /** Shuffles in place (Fisher and Yates). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    private void generate(int c0, int c1, int c2, int c3) {
        int k0 = keyLow;
        int k1 = keyHigh;
        for (int round = 0; round < ROUNDS; round++) {
            long a = 0xD2511F53L * Integer.toUnsignedLong(c0);
            long b = 0xCD9E8D57L * Integer.toUnsignedLong(c2);
            c0 = (int) (b >>> 32) ^ c1 ^ k0;
            c1 = (int) b;
            c2 = (int) (a >>> 32) ^ c3 ^ k1;
            c3 = (int) a;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        block[0] = c0;
        block[1] = c1;
        block[2] = c2;
        block[3] = c3;
    }
}
