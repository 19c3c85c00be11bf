package org.primer4j.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where every value of a graph lies: one arena with fixed offsets, found from the values' lifetimes, so that memory is
 * known before the run. Nodes whose results nobody reads are dropped.
 */
public final class Plan {

    private static final long ALIGNMENT = 64;

    /**
     * A value and its bytes in the arena.
     *
     * @param first place in the plan of the node that makes it; -1 for an input
     * @param last place of the last node that reads it
     */
    public record Slot(Value value, int first, int last, long offset, long bytes) {

        private boolean meets(Slot other) {
            return first <= other.last && other.first <= last;
        }
    }

    /**
     * A gradient's place in a flat state vector.
     *
     * @param state a STATE leaf
     * @param column its first number there
     */
    public record Placement(Value state, long column) {}

    private final Graph graph;
    private final List<Node> nodes;
    private final Map<Value, Slot> slots = new HashMap<>();
    private final Map<Value, Placement> placements;
    private final long inputBytes;
    private long arenaBytes;

    private Plan(Graph graph, Map<Value, Placement> placements) {
        this.graph = graph;
        this.placements = Map.copyOf(placements);
        this.nodes = live(graph, placements.keySet());
        this.arenaBytes = align((long) Math.max(1, graph.axes().size()) * (graph.lanes() + 1) * Integer.BYTES);
        // Inputs live throughout, so that they share with nobody; one copy takes them to a device.
        Map<Boolean, List<Slot>> byInput = lifetimes().stream().collect(Collectors.partitioningBy(slot -> slot.first() < 0));
        place(byInput.get(true));
        this.inputBytes = arenaBytes;
        place(byInput.get(false));
    }

    /** Plans everything that the named outputs need. */
    public static Plan of(Graph graph) {
        return new Plan(graph, Map.of());
    }

    /** Plans everything that the named outputs and the placed values need; placed values are written to their states. */
    public static Plan of(Graph graph, Map<Value, Placement> placements) {
        return new Plan(graph, placements);
    }

    private static List<Node> live(Graph graph, Set<Value> placed) {
        Set<Value> read = new HashSet<>(graph.outputs().values());
        read.addAll(placed);
        Set<Node> kept = new HashSet<>();
        for (int id = graph.nodes().size() - 1; id >= 0; id--) {
            Node node = graph.nodes().get(id);
            if (node.op().effect() || node.op() instanceof Leaf leaf && leaf.kind() == Leaf.Kind.INPUT
                || node.outputs().stream().anyMatch(read::contains)) {
                kept.add(node);
                node.inputs().stream().filter(Objects::nonNull).forEach(read::add);
            }
        }
        return graph.nodes().stream().filter(kept::contains).sorted(Comparator.comparingInt(Node::rank)).toList();
    }

    private List<Slot> lifetimes() {
        Map<Value, Integer> lastUse = new HashMap<>();
        int end = nodes.size();
        for (int i = 0; i < end; i++) {
            Node node = nodes.get(i);
            for (Value input : node.inputs()) {
                lastUse.put(input, i);
            }
            if (isInput(node)) {
                lastUse.put(node.output(0), end);
            }
        }
        graph.outputs().values().forEach(v -> lastUse.put(v, end));
        List<Slot> lifetimes = new ArrayList<>();
        for (int i = 0; i < end; i++) {
            Node node = nodes.get(i);
            for (Value v : node.outputs()) {
                if (v != null && inArena(v)) {
                    // Inputs are written before the run, outputs are read after it.
                    int last = isInput(node) ? end : lastUse.getOrDefault(v, i);
                    lifetimes.add(new Slot(v, isInput(node) ? -1 : i, last, 0, align(bytes(v))));
                }
            }
        }
        return lifetimes;
    }

    private static boolean isInput(Node node) {
        return node.op() instanceof Leaf leaf && leaf.kind() == Leaf.Kind.INPUT;
    }

    private boolean inArena(Value value) {
        return !(value.node().op() instanceof Leaf leaf && leaf.kind() != Leaf.Kind.INPUT) && !placements.containsKey(value);
    }

    // Offsets inputs have one number more than rows: the end of the last segment.
    private long bytes(Value v) {
        boolean offsets = v.node().op() instanceof Leaf leaf && leaf.limits() instanceof IndexLimits.Offsets;
        return (v.shape().elements(graph.lanes()) + (offsets ? 1 : 0)) * v.dtype().bytes();
    }

    // Greedy by size: the largest first, each at the lowest offset where it meets no other that lives at the same time.
    private void place(List<Slot> lifetimes) {
        long base = arenaBytes;
        List<Slot> placed = new ArrayList<>();
        List<Slot> largestFirst = lifetimes.stream().sorted(Comparator.comparingLong(Slot::bytes).reversed().thenComparingInt(Slot::first).thenComparingInt(s -> s.value().index())).toList();
        for (Slot slot : largestFirst) {
            long offset = base;
            List<Slot> rivals = placed.stream().filter(slot::meets).sorted(Comparator.comparingLong(Slot::offset)).toList();
            for (Slot rival : rivals) {
                if (rival.offset() - offset >= slot.bytes()) {
                    break;
                }
                offset = Math.max(offset, rival.offset() + rival.bytes());
            }
            Slot fixed = new Slot(slot.value(), slot.first(), slot.last(), offset, slot.bytes());
            placed.add(fixed);
            slots.put(slot.value(), fixed);
            arenaBytes = Math.max(arenaBytes, Math.addExact(offset, slot.bytes()));
        }
    }

    private static long align(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    public Graph graph() {
        return graph;
    }

    /** Nodes to run, in order, leaves included. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Bytes of the arena, exactly as a program allocates them. */
    public long bytes() {
        return arenaBytes;
    }

    /** Bytes from the arena's start to the end of the inputs: all that the host writes. */
    public long inputBytes() {
        return inputBytes;
    }

    /** Named outputs that lie in the arena. */
    public List<Value> outputs() {
        return graph.outputs().values().stream().distinct().filter(slots::containsKey).toList();
    }

    /** The arena slot of a value; null when it lies elsewhere. */
    public Slot slot(Value value) {
        return slots.get(value);
    }

    /** Where a value is placed in a state; null when it is not. */
    public Placement placement(Value value) {
        return placements.get(value);
    }

    /** All arena slots. */
    public List<Slot> slots() {
        return List.copyOf(slots.values());
    }

    /** The largest values in the arena with their sizes, comma-separated, for a message. */
    public String largestHolders(int count) {
        return slots.values().stream().sorted(Comparator.comparingLong(Slot::bytes).reversed()).limit(count)
            .map(s -> s.value() + " " + (s.bytes() >> 20) + " MiB").collect(Collectors.joining(", "));
    }
}
