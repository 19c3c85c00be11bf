package org.primer4j.graph;

/** One result of a node: a matrix that exists when the program runs. */
public final class Value {

    private final Node node;
    private final int index;
    private final Shape shape;
    private final DType dtype;

    Value(Node node, int index, Shape shape, DType dtype) {
        this.node = node;
        this.index = index;
        this.shape = shape;
        this.dtype = dtype;
    }

    public Node node() {
        return node;
    }

    public Graph graph() {
        return node.graph();
    }

    /** Place among the node's outputs. */
    public int index() {
        return index;
    }

    public Shape shape() {
        return shape;
    }

    public int cols() {
        return shape.cols();
    }

    public DType dtype() {
        return dtype;
    }

    @Override
    public String toString() {
        return node.op().name() + "#" + node.id() + (index > 0 ? "." + index : "") + shape;
    }
}
