package org.primer4j.engine;

import org.primer4j.engine.natives.Natives;
import org.primer4j.graph.Operand.Packing;

/** Weights in the layout that the matrix products of a device like best. */
public final class PackedWeights {

    private PackedWeights() {}

    /** Bytes of a weight {@code [out, in]} packed for one direction. */
    public static long bytes(int out, int in, Packing packing, WeightType type) {
        Engine.load();
        try {
            return Natives.primer_packed_bytes(out, in, flag(packing == Packing.BACKWARD), flag(type == WeightType.BF16));
        } catch (RuntimeException e) {
            throw new EngineException(e.getMessage(), e);
        }
    }

    private static int flag(boolean set) {
        return set ? 1 : 0;
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
        Memory packed = new Memory(bytes(out, in, packing, type), name + " packed " + packing + " as " + type);
        try {
            Natives.primer_pack(plain.address(), out, in, flag(packing == Packing.BACKWARD), flag(type == WeightType.BF16), packed.address());
        } catch (RuntimeException e) {
            packed.close();
            throw new EngineException(name + ": " + e.getMessage(), e);
        }
        return packed;
    }
}
