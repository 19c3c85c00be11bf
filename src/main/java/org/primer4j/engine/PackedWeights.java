package org.primer4j.engine;

import org.primer4j.engine.natives.Natives;
import org.primer4j.graph.Operand.Packing;

/** Weights in the layout that the matrix products of a device like best. */
public final class PackedWeights {

    /** The layout of what is not packed, in {@code core/instruction.h}'s numbers. */
    static final int PLAIN = 0;

    private static final int PACKED_F32 = 1;
    private static final int PACKED_BF16 = 2;
    private static final int ROWS_BF16 = 3;

    private PackedWeights() {}

    /** The layout that a packing asks for, in {@code core/instruction.h}'s numbers. */
    static int layout(Packing packing, WeightType type) {
        boolean bf16 = type == WeightType.BF16;
        return switch (packing) {
            case PLAIN -> PLAIN;
            case FORWARD, BACKWARD -> bf16 ? PACKED_BF16 : PACKED_F32;
            case ROWS, GPU_ROWS -> bf16 ? ROWS_BF16 : PLAIN;
        };
    }

    /** What a packing is on a device whose weights are of its type: PLAIN where nothing is packed. */
    static Packing on(Device device, Packing packing) {
        Packing meant = packing == Packing.GPU_ROWS ? device.isHost() ? Packing.PLAIN : Packing.ROWS : packing;
        return layout(meant, device.weights()) == PLAIN ? Packing.PLAIN : meant;
    }

    /** Whether a frozen weight of a packing is bf16 on a device. */
    public static boolean isBf16(Device device, Packing packing) {
        return device.weights() == WeightType.BF16 && on(device, packing) != Packing.PLAIN;
    }

    private static int checked(Packing packing, WeightType type) {
        int layout = layout(packing, type);
        if (layout == PLAIN) {
            throw new IllegalArgumentException(packing + " of " + type + " is no packed form");
        }
        return layout;
    }

    /** Bytes of a weight {@code [out, in]} packed for one use. */
    public static long bytes(Device device, int out, int in, Packing packing, WeightType type) {
        int layout = checked(packing, type);
        return NativeCall.get(null, () -> Natives.primer_packed_bytes(device.handle(), out, in, transposed(packing), layout));
    }

    private static int transposed(Packing packing) {
        return packing == Packing.BACKWARD ? 1 : 0;
    }

    /**
     * Packs a plain float32 weight {@code [out, in]} that starts at the beginning of {@code plain}.
     *
     * @param type of the packed numbers; bf16 are rounded to the nearest, ties to even
     * @throws EngineException when this process does not compute in that type
     */
    public static Memory pack(Memory plain, int out, int in, Packing packing, WeightType type, String name) {
        if (out < 1 || in < 1 || plain.bytes() / Float.BYTES < (long) out * in) {
            throw new IllegalArgumentException(name + " [" + out + ", " + in + "] does not lie in " + plain);
        }
        Memory packed = new Memory(plain.device(), bytes(plain.device(), out, in, packing, type), name + " packed " + packing + " as " + type);
        try {
            Natives.primer_pack(plain.device().handle(), plain.address(), out, in, transposed(packing), checked(packing, type), packed.address());
        } catch (RuntimeException e) {
            packed.close();
            throw new EngineException(name + ": " + e.getMessage(), e);
        }
        return packed;
    }
}
