package org.primer4j.graph;

/**
 * What a kernel reads or writes.
 *
 * @param value the value, or null for one left out
 * @param packing how a frozen weight is laid out for the kernel
 */
public record Operand(Value value, Packing packing) {

    /** Layouts of a weight {@code [out, in]}. */
    public enum Packing {
        /** Row by row. */
        PLAIN,
        /** Prepacked as the right factor of x W^T. */
        FORWARD,
        /** Prepacked as the right factor of dy W. */
        BACKWARD,
        /** Row by row, but in the type that frozen weights are kept in, for a kernel that takes them in either. */
        ROWS,
        /** ROWS on a GPU, PLAIN on the CPU, whose kernel takes float32 alone. */
        GPU_ROWS
    }

    public static Operand of(Value value) {
        return new Operand(value, Packing.PLAIN);
    }

    /** A weight: prepacked when it is frozen, plain when it is trained. */
    public static Operand weight(Value value, Packing packing) {
        return new Operand(value, frozen(value) ? packing : Packing.PLAIN);
    }

    // Frozen weights are kept prepacked.
    private static boolean frozen(Value value) {
        return value.node().op() instanceof Leaf leaf && leaf.kind() == Leaf.Kind.WEIGHT;
    }
}
