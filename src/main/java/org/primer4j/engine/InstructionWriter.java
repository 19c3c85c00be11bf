package org.primer4j.engine;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Operand;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Value;

/** Encodes a plan as the words that {@code core/instruction.h} describes. */
final class InstructionWriter {

    private static final int ABSOLUTE = 0;
    private static final int ARENA = 1;
    private static final int NONE = 2;

    private final Plan plan;
    private final Storage storage;
    private final Device device;
    private final Set<Memory> blocks = new HashSet<>();
    private long[] words = new long[4096];
    private int length;

    /** @param device whose kernels and addresses they are */
    InstructionWriter(Plan plan, Storage storage, Device device) {
        this.plan = plan;
        this.storage = storage;
        this.device = device;
    }

    /** The op list. */
    long[] write() {
        Graph graph = plan.graph();
        put(graph.lanes());
        put(graph.axes().size());
        put(0);
        put(plan.nodes().stream().filter(n -> !(n.op() instanceof Leaf)).count());
        plan.nodes().stream().filter(n -> !(n.op() instanceof Leaf)).forEach(this::node);
        return Arrays.copyOf(words, length);
    }

    /** The blocks of memory that the op list refers to. */
    Set<Memory> blocks() {
        return blocks;
    }

    private void node(Node node) {
        var operands = node.op().operands(node);
        long[] integers = node.op().integers(node);
        double[] reals = node.op().reals(node);
        put(device.kernel(node.op().name()));
        put(plan.graph().dtype() == DType.F64 ? 1 : 0);
        put(node.stage().ordinal());
        put(operands.size());
        put(integers.length);
        put(reals.length);
        operands.forEach(this::operand);
        for (long integer : integers) {
            put(integer);
        }
        for (double real : reals) {
            put(Double.doubleToRawLongBits(real));
        }
    }

    private void operand(Operand operand) {
        Value value = operand.value();
        if (value == null) {
            for (long word : new long[] {NONE, 0, 0, -1, 0, 0, PackedWeights.PLAIN}) {
                put(word);
            }
            return;
        }
        Shape shape = value.shape();
        Plan.Slot slot = plan.slot(value);
        Plan.Placement placement = plan.placement(value);
        if (slot != null) {
            put(ARENA);
            put(slot.offset());
            put(shape.laned() ? (long) shape.rows() * shape.cols() * value.dtype().bytes() : 0);
        } else if (placement != null) {
            outside((Leaf) placement.state().node().op(), operand, placement.column() * value.dtype().bytes());
        } else {
            outside((Leaf) value.node().op(), operand, 0);
        }
        put(shape.axis() == null ? -1 : shape.axis().index());
        put(shape.rows());
        put(shape.cols());
        put(PackedWeights.layout(PackedWeights.on(device, operand.packing()), device.weights()));
    }

    private void outside(Leaf leaf, Operand operand, long extra) {
        Operand.Packing packing = PackedWeights.on(device, operand.packing());
        boolean plain = packing == Operand.Packing.PLAIN;
        Memory block = storage.memory(leaf, packing, device.weights());
        if (!block.device().sameMemory(device)) {
            throw new IllegalArgumentException(leaf.leafName() + " lies on " + block.device() + ", its program runs on " + device);
        }
        long offset = (plain ? storage.offset(leaf) : 0) + extra;
        if (plain) {
            requireRoom(block, leaf, operand.value(), offset);
        }
        blocks.add(block);
        put(ABSOLUTE);
        put(block.address() + offset);
        // What all lanes share may lie in a vector of which each lane has a copy: in the first.
        put(operand.value().shape().laned() ? storage.laneStride(leaf) : 0);
    }

    // A kernel trusts the shape: a block that is too small for it would be written past its end.
    private void requireRoom(Memory block, Leaf leaf, Value value, long offset) {
        long copies = value.shape().laned() ? plan.graph().lanes() : 1;
        long stride = storage.laneStride(leaf);
        long copy = (long) value.shape().rows() * value.cols() * value.dtype().bytes();
        if (offset < 0 || stride < 0 || (copies > 1 && stride < copy) || offset + (copies - 1) * stride + copy > block.bytes()) {
            throw new IllegalArgumentException(leaf.leafName() + " of shape " + value.shape() + " does not lie in " + block);
        }
    }

    private void put(long word) {
        if (length == words.length) {
            words = Arrays.copyOf(words, 2 * length);
        }
        words[length++] = word;
    }
}
