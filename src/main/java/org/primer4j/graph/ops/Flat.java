package org.primer4j.graph.ops;

import java.util.List;
import java.util.stream.LongStream;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.Value;

/** Passes over flat vectors of parameters, in place, for loops of meta-learning; kernels and formulas in {@code flat.cpp}. */
public final class Flat {

    private Flat() {}

    /**
     * A tensor in two flat vectors.
     *
     * @param to its first number in the one that is written
     * @param from its first number in the one that is read
     * @param size how many it has
     */
    public record Place(long to, long from, long size) {

        private void require(Op op, long written, long read) {
            if (to < 0 || from < 0 || size < 0 || to > written - size || from > read - size) {
                throw new ShapeException(op.name() + " of vectors of " + written + " and " + read + " numbers has no " + this);
            }
        }
    }

    private static void require(Op op, List<Value> inputs, int operand, Shape expected) {
        if (!inputs.get(operand).shape().equals(expected)) {
            throw new ShapeException(op.name() + " does not take " + inputs.get(operand).shape() + " as operand " + operand + ", but " + expected);
        }
    }

    // Two vectors of one length, a copy a lane.
    private static void requireVectors(Op op, List<Value> inputs, int first, int second) {
        Shape vector = Shape.laned(1, inputs.get(first).cols());
        require(op, inputs, first, vector);
        require(op, inputs, second, vector);
    }

    /** {@code y += a x}; inputs y, x {@code [1, P]}, a {@code [1, 1]}, all a lane. */
    public record Add() implements Op {

        @Override
        public String name() {
            return "flat_add";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            requireVectors(this, inputs, 0, 1);
            require(this, inputs, 2, Shape.laned(1, 1));
            return List.of();
        }

        @Override
        public boolean effect() {
            return true;
        }
    }

    /**
     * {@code y += scale r x} or {@code y = scale r x}; inputs y, x {@code [1, P]} a lane, r {@code [1, T]}: a number a tensor.
     *
     * @param keep whether it is added to y
     * @param starts first number of each tensor, ascending from 0; each ends where the next begins
     */
    public record AddRated(boolean keep, double scale, List<Long> starts) implements Op {

        @Override
        public String name() {
            return "flat_add_rated";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            requireVectors(this, inputs, 0, 1);
            require(this, inputs, 2, Shape.shared(1, starts.size()));
            for (int t = 0; t < starts.size(); t++) {
                long least = t == 0 ? 0 : starts.get(t - 1);
                if (starts.get(t) < least || starts.get(t) > inputs.get(0).cols() || t == 0 && starts.get(0) != 0) {
                    throw new ShapeException(name() + " of " + inputs.get(0).cols() + " numbers has no tensor at " + starts.get(t));
                }
            }
            return List.of();
        }

        @Override
        public long[] integers(Node node) {
            long[] integers = new long[1 + starts.size()];
            integers[0] = keep ? 1 : 0;
            for (int t = 0; t < starts.size(); t++) {
                integers[t + 1] = starts.get(t);
            }
            return integers;
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {scale};
        }

        @Override
        public boolean effect() {
            return true;
        }
    }

    /**
     * {@code y += sum over lanes of a x}, or of {@code a (x - start)}; inputs y {@code [1, Q]} for all lanes, x {@code [1, P]} and a
     * {@code [1, 1]} a lane, start as y or null.
     *
     * @param places of the tensors that are summed
     */
    public record SumLanes(List<Place> places) implements Op {

        private static final int START = 3;

        @Override
        public String name() {
            return "flat_sum_lanes";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            int read = inputs.get(1).cols();
            require(this, inputs, 0, Shape.shared(1, inputs.get(0).cols()));
            require(this, inputs, 1, Shape.laned(1, read));
            require(this, inputs, 2, Shape.laned(1, 1));
            if (inputs.get(START) != null) {
                require(this, inputs, START, inputs.get(0).shape());
            }
            places.forEach(p -> p.require(this, inputs.get(0).cols(), read));
            return List.of();
        }

        @Override
        public long[] integers(Node node) {
            return places.stream().flatMapToLong(p -> LongStream.of(p.to(), p.from(), p.size())).toArray();
        }

        @Override
        public boolean effect() {
            return true;
        }
    }

    /**
     * {@code y += scale <u, x>}, a number a tensor, summed over lanes; inputs y {@code [1, T]} for all lanes, u, x {@code [1, P]} a lane.
     *
     * @param places of the tensors; {@code to} is the tensor's number in y, in ascending order from 0
     */
    public record Dots(double scale, List<Place> places) implements Op {

        @Override
        public String name() {
            return "flat_dots";
        }

        @Override
        public List<Shape> shapes(List<Value> inputs) {
            require(this, inputs, 0, Shape.shared(1, places.size()));
            requireVectors(this, inputs, 1, 2);
            for (int t = 0; t < places.size(); t++) {
                requireNumber(t);
                places.get(t).require(this, Long.MAX_VALUE, inputs.get(1).cols());
            }
            return List.of();
        }

        // The kernel is not told these numbers.
        private void requireNumber(int t) {
            if (places.get(t).to() != t) {
                throw new ShapeException(name() + " is given " + places.get(t) + " as its tensor " + t);
            }
        }

        @Override
        public long[] integers(Node node) {
            return places.stream().flatMapToLong(p -> LongStream.of(p.from(), p.size())).toArray();
        }

        @Override
        public double[] reals(Node node) {
            return new double[] {scale};
        }

        @Override
        public boolean effect() {
            return true;
        }
    }
}
