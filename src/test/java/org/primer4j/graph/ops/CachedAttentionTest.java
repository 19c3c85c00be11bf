package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.graph.RelativeError.assertClose;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.primer4j.engine.Device;
import org.primer4j.graph.Axis;
import org.primer4j.graph.DType;
import org.primer4j.graph.Gradient;
import org.primer4j.graph.Graph;
import org.primer4j.graph.IndexLimits;
import org.primer4j.graph.NoGradientException;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Shape;
import org.primer4j.graph.ShapeException;
import org.primer4j.graph.TestDevices;
import org.primer4j.graph.Value;

/** Decoding step by step, with hypotheses that fork and die, equals full causal attention over what each hypothesis has read. */
class CachedAttentionTest {

    private static final double TOLERANCE = 2e-6;
    private static final int STEPS = 21;

    @TestFactory
    Stream<DynamicTest> equalsFullCausalAttention() {
        RelativeBuckets buckets = new RelativeBuckets(8, 12, false);
        return Stream.of(
            new CachedDecoding.Sizes(new Attention(3, true, 0.4, null), 5, 0, Device.cpu(1)),
            new CachedDecoding.Sizes(new Attention(2, true, 0.125, null), 64, 0, Device.cpu(2)),
            new CachedDecoding.Sizes(new Attention(3, true, 1, buckets), 5, 0, Device.cpu(2)),
            new CachedDecoding.Sizes(new Attention(12, true, 0.2, buckets), 17, 3, Device.cpu(2)),
            new CachedDecoding.Sizes(new Attention(2, true, 0.3, null), 16, 18, Device.cpu(7)),
            // More keys than a CUDA block has in its shared memory at a time.
            new CachedDecoding.Sizes(new Attention(2, true, 0.3, buckets), 33, 530, Device.cpu(1)))
            .flatMap(s -> TestDevices.hasCuda() ? Stream.of(s, s.on(Device.cuda(0))) : Stream.of(s))
            .map(s -> DynamicTest.dynamicTest(s.toString(), () -> decode(s, 7)));
    }

    private static void decode(CachedDecoding.Sizes sizes, long seed) {
        Random random = new Random(seed);
        try (CachedDecoding decoding = new CachedDecoding(sizes, seed)) {
            List<List<Integer>> histories = new ArrayList<>();
            for (int row = 0; row < CachedDecoding.ROWS; row++) {
                histories.add(List.of());
            }
            for (int step = 0; step < STEPS; step++) {
                List<List<Integer>> next = new ArrayList<>();
                for (int row = 0; row < CachedDecoding.ROWS; row++) {
                    List<Integer> list = new ArrayList<>(histories.get(CachedDecoding.parent(row, random)));
                    list.add(CachedDecoding.slot(step, row));
                    next.add(list);
                }
                histories = next;
                String what = sizes + ", seed " + seed + ", step " + step;
                assertClose(what, decoding.step(histories), decoding.full(histories), TOLERANCE, 0);
            }
        }
    }

    @Test
    void refusesListsThatDoNotEndWithTheirOwnSlot() {
        CachedDecoding.Sizes sizes = new CachedDecoding.Sizes(new Attention(3, true, 0.4, null), 5, 0, Device.cpu(1));
        try (CachedDecoding decoding = new CachedDecoding(sizes, 1)) {
            List<List<Integer>> lists = new ArrayList<>();
            for (int row = 0; row < CachedDecoding.ROWS; row++) {
                lists.add(List.of(CachedDecoding.slot(0, row)));
            }
            decoding.step(lists);
            List<List<Integer>> foreign = new ArrayList<>(lists), shared = new ArrayList<>(lists);
            foreign.set(0, List.of(CachedDecoding.slot(0, 0), CachedDecoding.slot(1, 0)));
            decoding.slotOf(0, CachedDecoding.slot(0, 0));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> decoding.step(foreign)).getMessage().contains("list ends with"));
            decoding.slotOf(0, -1);
            shared.set(1, lists.get(0));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> decoding.step(shared)).getMessage().contains("both write"));
            List<List<Integer>> otherLane = new ArrayList<>(lists);
            otherLane.set(0, List.of(CachedDecoding.slot(0, CachedDecoding.ROWS - 1)));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> decoding.step(otherLane)).getMessage().contains("outside"));
        }
    }

    @Test
    void refusesWhatDoesNotFitAndHasNoGradient() {
        Graph graph = new Graph(1, DType.F32);
        Axis rows = graph.axis("rows", 4), cacheRows = graph.axis("cache", 20), entries = graph.axis("entries", 40);
        Value q = graph.input("q", Shape.along(rows, 6)), keys = graph.state("keys", cacheRows, 6), values = graph.state("values", cacheRows, 6);
        Value slot = graph.indices("slot", rows, new IndexLimits.RowOf(cacheRows)), past = graph.indices("past", entries, new IndexLimits.RowOf(cacheRows));
        Value offsets = graph.offsets("past_offsets", rows, entries, 10), loose = graph.indices("loose", entries, new IndexLimits.Below(20));
        Attention kind = new Attention(2, true, 1, null);
        Value o = Ops.cachedAttention(kind, q, q, q, keys, values, slot, past, offsets, null, null);
        assertEquals(q.shape(), o.shape());
        assertTrue(assertThrows(NoGradientException.class, () -> Gradient.of(o, List.of(q))).getMessage().contains("cached_attention"));
        List<Runnable> wrong = List.of(
            () -> Ops.cachedAttention(kind, q, q, q, keys, keys, slot, past, offsets, null, null),
            () -> Ops.cachedAttention(kind, q, q, q, keys, graph.state("narrow", cacheRows, 5), slot, past, offsets, null, null),
            () -> Ops.cachedAttention(kind, q, q, q, keys, graph.state("flat", 120), slot, past, offsets, null, null),
            () -> Ops.cachedAttention(kind, q, q, q, keys, q, slot, past, offsets, null, null),
            () -> Ops.cachedAttention(kind, q, q, q, keys, values, slot, loose, offsets, null, null),
            () -> Ops.cachedAttention(kind, q, q, q, keys, values, past, past, offsets, null, null),
            () -> Ops.cachedAttention(new Attention(4, true, 1, null), q, q, q, keys, values, slot, past, offsets, null, null),
            () -> Ops.cachedAttention(kind, q, q, q, keys, values, slot, past, offsets, graph.weight("bias", 8, 2), null));
        wrong.forEach(one -> assertThrows(ShapeException.class, one::run, "wrong graph " + wrong.indexOf(one)));
    }
}
