package org.primer4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;
import org.primer4j.graph.Operand.Packing;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.Tangent;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Attention;
import org.primer4j.graph.ops.Prefix;

/** The work of attention is that of the (query, key) pairs that see each other, counted one by one; the head's is products of rows, words and width. */
class WorkTest {

    private static final int WIDTH = 6;
    private static final int LENGTH = 9;
    private static final int FLOP = 2;

    /** Two sequences of sizes of their own. */
    private record Batch(int[] queries, int[] keys) implements BenchRun.Sizes {

        @Override
        public int tokens() {
            return rows("queries");
        }

        @Override
        public int rows(String axis) {
            int[] lengths = of(axis);
            return lengths[0] + lengths[1];
        }

        @Override
        public long pairs(String first, String second) {
            return (long) of(first)[0] * of(second)[0] + (long) of(first)[1] * of(second)[1];
        }

        private int[] of(String axis) {
            return axis.equals("queries") ? queries : keys;
        }

        long seen(boolean causal, int prefix) {
            long seen = 0;
            for (int s = 0; s < queries.length; s++) {
                for (int i = 0; i < queries[s]; i++) {
                    seen += prefix;
                    for (int j = 0; j < keys[s]; j++) {
                        seen += !causal || j <= i + keys[s] - queries[s] ? 1 : 0;
                    }
                }
            }
            return seen;
        }
    }

    private static Value attention(Graph graph, boolean causal, int prefix) {
        Axis queries = graph.axis("queries", 2 * LENGTH), keys = graph.axis("keys", 2 * LENGTH), sequences = graph.axis("sequences", 2);
        Prefix before = prefix == 0 ? null : new Prefix(graph.parameter("pk", prefix, WIDTH), graph.parameter("pv", prefix, WIDTH));
        return Ops.attention(new Attention(2, causal, 1, null), graph.input("q", Shape.along(queries, WIDTH)),
            graph.input("k", Shape.along(keys, WIDTH)), graph.input("v", Shape.along(keys, WIDTH)),
            graph.offsets("query_offsets", sequences, queries, LENGTH), graph.offsets("key_offsets", sequences, keys, LENGTH), null, before);
    }

    private static double flop(Graph graph, String op, BenchRun.Sizes batch) {
        return graph.nodes().stream().filter(node -> node.op().name().equals(op)).mapToDouble(node -> Work.flop(node, batch)).sum();
    }

    @Property(tries = 100)
    void attentionIsWorkOnThePairsThatSeeEachOther(@ForAll boolean causal, @ForAll @IntRange(max = 3) int prefix, @ForAll @IntRange(min = 1, max = LENGTH) int first,
                                   @ForAll @IntRange(min = 1, max = LENGTH) int second, @ForAll @IntRange(max = 5) int more) {
        Batch batch = new Batch(new int[] {first, second}, new int[] {first + more, second + 2 * more});
        Graph graph = new Graph(1, DType.F32);
        Value result = attention(graph, causal, prefix);
        List<Value> wanted = new ArrayList<>(graph.leaves(Leaf.Kind.PARAMETER));
        graph.leaves(Leaf.Kind.INPUT).stream().filter(leaf -> leaf.dtype() == DType.F32).forEach(wanted::add);
        Gradient.of(result, wanted);
        double product = (double) FLOP * batch.seen(causal, prefix) * WIDTH;
        assertEquals(2 * product, flop(graph, "attention", batch));
        assertEquals(5 * product, flop(graph, "attention_backward", batch));
    }

    // Where all moves, a product has two tangents: of two products and S again; of five and S and dP again.
    @Property(tries = 50)
    void tangentsAreTwiceTheProductsAndWhatIsMadeAgain(@ForAll boolean causal, @ForAll @IntRange(max = 3) int prefix,
                                   @ForAll @IntRange(min = 1, max = LENGTH) int length, @ForAll @IntRange(max = 5) int more) {
        Batch batch = new Batch(new int[] {length, 1}, new int[] {length + more, 2});
        Graph graph = new Graph(1, DType.F32);
        Value result = attention(graph, causal, prefix);
        List<Value> wanted = new ArrayList<>(graph.leaves(Leaf.Kind.PARAMETER));
        graph.leaves(Leaf.Kind.INPUT).stream().filter(leaf -> leaf.dtype() == DType.F32).forEach(wanted::add);
        Value upstream = graph.input("do", result.shape());
        List<Value> results = new ArrayList<>(Gradient.of(Ops.mul(result, upstream), wanted));
        results.add(result);
        Map<Value, Value> directions = new HashMap<>();
        wanted.forEach(v -> directions.put(v, graph.input("direction" + directions.size(), v.shape())));
        directions.put(upstream, graph.input("direction of do", upstream.shape()));
        Tangent.of(results, directions);
        double product = (double) FLOP * batch.seen(causal, prefix) * WIDTH;
        assertEquals(5 * product, flop(graph, "attention_tangent", batch));
        assertEquals(12 * product, flop(graph, "attention_backward_tangent", batch));
    }

    @Example
    void valuesAloneMoveOneProductOfEach() {
        Batch batch = new Batch(new int[] {3, 1}, new int[] {3, 2});
        Graph graph = new Graph(1, DType.F32);
        Value result = attention(graph, false, 0), v = graph.input("v", Shape.along(graph.axis("keys", 2 * LENGTH), WIDTH));
        List<Value> results = List.of(result, Gradient.of(result, List.of(graph.input("q", result.shape()))).get(0));
        Tangent.of(results, Map.of(v, graph.input("direction", v.shape())));
        double product = (double) FLOP * batch.seen(false, 0) * WIDTH;
        assertEquals(2 * product, flop(graph, "attention_tangent", batch));
        assertEquals(3 * product, flop(graph, "attention_backward_tangent", batch));
    }

    @Example
    void bytesAreThoseOfAllOperandsOnce() {
        int in = 6, out = 5, rows = 7;
        Graph graph = new Graph(1, DType.F32);
        Axis tokens = graph.axis("tokens", 2 * rows);
        Value x = graph.input("x", Shape.along(tokens, in));
        Node linear = Ops.linear(x, graph.weight("w", out, in), null).node(), twice = Ops.add(x, x).node();
        Node embedding = Ops.embedding(graph.weight("words", 1000, in), null, null, graph.indices("ids", tokens, new IndexLimits.Below(1000)), null, null).node();
        Sizes sizes = new Sizes(rows, 0);
        assertEquals(4 * (rows * in + rows * out) + 4 * in * out, Work.bytes(linear, sizes, packing -> false));
        assertEquals(4 * (rows * in + rows * out) + 2 * in * out, Work.bytes(linear, sizes, packing -> packing != Packing.PLAIN));
        assertEquals(4 * 2 * rows * in, Work.bytes(twice, sizes, packing -> false));
        assertEquals(4 * (2 * rows * in + rows), Work.bytes(embedding, sizes, packing -> false), "a table's rows that are read");
    }

    private static Graph head(boolean trained) {
        Graph graph = new Graph(1, DType.F32);
        Axis rows = graph.axis("queries", 2 * LENGTH);
        Value h = graph.input("h", Shape.along(rows, WIDTH)), w = trained ? graph.parameter("w", 20, WIDTH) : graph.weight("w", 20, WIDTH);
        Value loss = Ops.headCrossEntropy(h, w, null, graph.indices("label", rows, new IndexLimits.Below(20)), graph.input("weight", Shape.along(rows, 1)), 0,
            true);
        Map<Value, Value> directions = new HashMap<>(Map.of(h, graph.input("direction", h.shape())));
        if (trained) {
            directions.put(w, graph.direction(w));
        }
        Tangent.of(Gradient.of(loss, List.copyOf(directions.keySet())), directions);
        return graph;
    }

    @Example
    void headsTangentsAreTheLogitsAgainAndAProductForWhatMoves() {
        Batch batch = new Batch(new int[] {3, 1}, new int[] {3, 1});
        double product = (double) FLOP * 4 * 20 * WIDTH;
        assertEquals(3 * product, flop(head(false), "head_cross_entropy_tangent", batch));
        assertEquals(0, flop(head(false), "head_cross_entropy_backward_weight_tangent", batch));
        assertEquals(5 * product, flop(head(true), "head_cross_entropy_tangent", batch));
        assertEquals(5 * product, flop(head(true), "head_cross_entropy_backward_weight_tangent", batch));
    }

    @Property(tries = 20)
    void backwardMakesOnlyWhatIsAskedFor(@ForAll @IntRange(min = 1, max = 3) int prefix, @ForAll @IntRange(min = 1, max = LENGTH) int length) {
        Batch batch = new Batch(new int[] {length, 1}, new int[] {length, 2});
        Graph graph = new Graph(1, DType.F32);
        Value result = attention(graph, false, prefix);
        Gradient.of(result, graph.leaves(Leaf.Kind.PARAMETER));
        double own = 2.0 * batch.seen(false, 0), ofPrefix = 4.0 * (batch.seen(false, prefix) - batch.seen(false, 0));
        assertEquals(FLOP * WIDTH * (own + ofPrefix), flop(graph, "attention_backward", batch));
    }

    @Property(tries = 20)
    void aCachedStepReadsItsLists(@ForAll @IntRange(min = 1, max = 4) int rows, @ForAll @IntRange(min = 1, max = LENGTH) int length) {
        Graph graph = new Graph(1, DType.F32);
        Axis beams = graph.axis("tokens", rows), cache = graph.axis("cache", rows * length), past = graph.axis("past", rows * length);
        Node node = Ops.cachedAttention(Attention.full(2, WIDTH), graph.input("q", Shape.along(beams, WIDTH)), graph.input("k", Shape.along(beams, WIDTH)),
            graph.input("v", Shape.along(beams, WIDTH)), graph.state("keys", cache, WIDTH), graph.state("values", cache, WIDTH),
            graph.indices("slot", beams, new IndexLimits.RowOf(cache)), graph.indices("past", past, new IndexLimits.RowOf(cache)),
            graph.offsets("offsets", beams, past, length), null, null).node();
        assertEquals(2.0 * FLOP * rows * length * WIDTH, Work.flop(node, new Sizes(rows, rows * length)));
    }

    // Where all moves, each product of the forward and of the backward pass has two tangents; W stands still.
    @Example
    void loraTangentsAreTwiceItsProductsButForTheFrozenOnes() {
        int in = 6, out = 5, rank = 2, rows = 7;
        Graph graph = new Graph(1, DType.F32);
        Value x = graph.input("x", Shape.along(graph.axis("tokens", rows), in)), a = graph.parameter("a", rank, in), b = graph.parameter("b", out, rank);
        Value y = Ops.loraLinear(x, x, graph.weight("w", out, in), null, a, b, 2), upstream = graph.input("dy", y.shape());
        List<Value> results = new ArrayList<>(Gradient.of(Ops.mul(y, upstream), List.of(x, a, b)));
        results.add(y);
        Map<Value, Value> directions = new HashMap<>();
        List.of(x, a, b, upstream).forEach(v -> directions.put(v, graph.input("direction" + directions.size(), v.shape())));
        Tangent.of(results, directions);
        Sizes sizes = new Sizes(rows, 0);
        double factors = rank * (in + out), base = in * out;
        assertEquals(FLOP * rows * (base + factors), flop(graph, "lora_linear", sizes));
        assertEquals(FLOP * rows * (base + 2 * factors), flop(graph, "lora_linear_tangent", sizes));
        assertEquals(FLOP * rows * (base + 2 * factors), flop(graph, "lora_linear_backward", sizes));
        assertEquals(FLOP * rows * (base + 4 * factors), flop(graph, "lora_linear_backward_tangent", sizes));
    }

    /** Rows, and the entries of their lists. */
    private record Sizes(int tokens, int past) implements BenchRun.Sizes {

        @Override
        public int rows(String axis) {
            return axis.equals("past") ? past : tokens;
        }

        @Override
        public long pairs(String queries, String keys) {
            return fail("cached attention reads lists of rows, not pairs of " + queries + " and " + keys);
        }
    }
}
