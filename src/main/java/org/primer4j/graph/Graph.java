package org.primer4j.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A recorded computation: nodes in the order in which they were added, which is an order they can run in. Building a
 * graph computes nothing; a planner and a program do.
 */
public final class Graph {

    private final int lanes;
    private final DType dtype;
    private final List<Axis> axes = new ArrayList<>();
    // Made once: programs ask for it in every step.
    private final List<Axis> axesView = Collections.unmodifiableList(axes);
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Value> leaves = new LinkedHashMap<>();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private Stage stage = Stage.COMPUTE;
    // What nodes that are added now run right behind; null: all others.
    private Node followed;

    /**
     * @param lanes independent runs stepped together, at least 1
     * @param dtype F32, or F64 for graphs of primitives only
     */
    public Graph(int lanes, DType dtype) {
        if (lanes < 1) {
            throw new IllegalArgumentException("a graph needs at least one lane, not " + lanes);
        }
        this.lanes = lanes;
        this.dtype = dtype;
    }

    public int lanes() {
        return lanes;
    }

    public DType dtype() {
        return dtype;
    }

    public List<Axis> axes() {
        return axesView;
    }

    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** Declares an axis with room for {@code capacity} rows; the same name again gives the same axis. */
    public Axis axis(String name, int capacity) {
        for (Axis known : axes) {
            if (known.name().equals(name)) {
                if (known.capacity() != capacity) {
                    throw new ShapeException("axis " + known + " is declared again with capacity " + capacity);
                }
                return known;
            }
        }
        if (capacity < 1) {
            throw new ShapeException("axis " + name + " needs a capacity of at least 1, not " + capacity);
        }
        Axis axis = new Axis(name, axes.size(), capacity);
        axes.add(axis);
        return axis;
    }

    /** A batch input of floats. */
    public Value input(String name, Shape shape) {
        return leaf(new Leaf(Leaf.Kind.INPUT, name, shape, dtype, null));
    }

    /** A batch input of one whole number for each row of {@code axis}. */
    public Value indices(String name, Axis axis, IndexLimits limits) {
        return leaf(new Leaf(Leaf.Kind.INPUT, name, Shape.along(axis, 1), DType.I32, limits));
    }

    /** A batch input: the first row of each segment of {@code target}, one segment for each row of {@code axis}. */
    public Value offsets(String name, Axis axis, Axis target, int longest) {
        return leaf(new Leaf(Leaf.Kind.INPUT, name, Shape.along(axis, 1), DType.I32, new IndexLimits.Offsets(target, longest)));
    }

    /** As {@link #offsets}, for segments that may be empty. */
    public Value raggedOffsets(String name, Axis axis, Axis target, int longest) {
        return leaf(new Leaf(Leaf.Kind.INPUT, name, Shape.along(axis, 1), DType.I32, new IndexLimits.Offsets(target, 0, longest)));
    }

    /** A batch input of whole numbers for each lane, such as a random key or a step count. */
    public Value laneIntegers(String name, int count) {
        return leaf(new Leaf(Leaf.Kind.INPUT, name, Shape.laned(1, count), DType.I32, new IndexLimits.Free()));
    }

    /** A frozen weight, shared by all lanes. */
    public Value weight(String name, int rows, int cols) {
        return leaf(new Leaf(Leaf.Kind.WEIGHT, name, Shape.shared(rows, cols), dtype, null));
    }

    /** A trainable parameter, one copy a lane. */
    public Value parameter(String name, int rows, int cols) {
        return leaf(new Leaf(Leaf.Kind.PARAMETER, name, Shape.laned(rows, cols), dtype, null));
    }

    /** A trained parameter of which all lanes have one copy. */
    public Value shared(String name, int rows, int cols) {
        return leaf(new Leaf(Leaf.Kind.SHARED, name, Shape.shared(rows, cols), dtype, null));
    }

    /** Along which a PARAMETER or SHARED leaf moves, of its shape. */
    public Value direction(Value parameter) {
        return leaf(new Leaf(Leaf.Kind.DIRECTION, ((Leaf) parameter.node().op()).leafName(), parameter.shape(), dtype, null));
    }

    /** A flat vector beside the parameters, {@code length} numbers a lane. */
    public Value state(String name, int length) {
        return leaf(new Leaf(Leaf.Kind.STATE, name, Shape.laned(1, length), dtype, null));
    }

    /** A matrix that outlives a run, {@code [axis, cols]}, such as a cache of keys; rows are grouped by lane, so the lane stride is 0. */
    public Value state(String name, Axis axis, int cols) {
        return leaf(new Leaf(Leaf.Kind.STATE, name, Shape.along(axis, cols), dtype, null));
    }

    /** Adds a leaf; the same kind and name again gives the same value. */
    public Value leaf(Leaf leaf) {
        Value known = leaves.get(key(leaf));
        if (known == null) {
            known = append(leaf, List.of()).output(0);
            leaves.put(key(leaf), known);
        } else if (!known.node().op().equals(leaf)) {
            throw new ShapeException(leaf.leafName() + " is declared again as " + leaf + " instead of " + known.node().op());
        }
        return known;
    }

    private static String key(Leaf leaf) {
        return leaf.kind() + " " + leaf.leafName();
    }

    /** Leaves of one kind in the order of their declaration. */
    public List<Value> leaves(Leaf.Kind kind) {
        return leaves.values().stream().filter(v -> ((Leaf) v.node().op()).kind() == kind).toList();
    }

    /** Applies an op. */
    public Node add(Op op, Value... inputs) {
        return append(op, Arrays.asList(inputs));
    }

    /** Applies an op. */
    public Node append(Op op, List<Value> inputs) {
        for (Value input : inputs) {
            if (input != null && input.graph() != this) {
                throw new IllegalArgumentException(op.name() + " is given " + input + " of another graph");
            }
        }
        List<Shape> shapes = op.shapes(inputs);
        shapes.forEach(shape -> requireOwnAxis(op, shape));
        Node node = new Node(this, nodes.size(), followed == null ? nodes.size() : followed.rank(), op, stage, inputs, shapes);
        nodes.add(node);
        return node;
    }

    // Kernels take the rows of an axis by its index: another graph's would let them run past the memory planned.
    private void requireOwnAxis(Op op, Shape shape) {
        if (shape != null && shape.axis() != null && !axes.contains(shape.axis())) {
            throw new ShapeException(op.name() + " has rows along " + shape.axis() + ", which is no axis of this graph");
        }
    }

    /** Nodes added from now on run in this stage. */
    public void enter(Stage next) {
        stage = next;
    }

    /** Nodes added from now on run right behind {@code node}, which what they read does not run after; null: behind all others again. */
    void follow(Node node) {
        followed = node;
    }

    /** Names a value that the caller reads after a run. */
    public Value output(String name, Value value) {
        outputs.put(name, value);
        return value;
    }

    /** Named outputs in the order of their naming. */
    public Map<String, Value> outputs() {
        return Collections.unmodifiableMap(outputs);
    }
}
