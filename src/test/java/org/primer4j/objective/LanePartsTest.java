package org.primer4j.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;

class LanePartsTest {

    private static final int ROOM = 10;

    /** Rows are their lengths; a part has room for {@link #ROOM}. */
    private static final class Recorder implements PartWriter<Integer> {

        private final List<List<Integer>> seen = new ArrayList<>();
        private final List<Float> weights = new ArrayList<>();
        private List<Integer> lane = new ArrayList<>();
        private int ended;
        private int used;

        Recorder(int lanes) {
            for (int i = 0; i < lanes; i++) {
                seen.add(new ArrayList<>());
                weights.add(0f);
            }
        }

        @Override
        public void begin() {
            used = 0;
            ended = 0;
            lane = new ArrayList<>();
        }

        @Override
        public float rowWeight(List<Integer> batch) {
            return 1f / batch.size();
        }

        @Override
        public boolean add(Integer row, float weight) {
            if (used + row > ROOM) {
                return false;
            }
            used += row;
            lane.add(row);
            weights.set(ended, weights.get(ended) + weight);
            return true;
        }

        @Override
        public void endLane(int number) {
            assertEquals(ended++, number);
            seen.get(number).addAll(lane);
            lane = new ArrayList<>();
        }

        @Override
        public void end() {
            assertEquals(seen.size(), ended);
        }

        @Override
        public int tokens() {
            return used;
        }

        @Override
        public BadInputException tooLong(Integer row) {
            return new BadInputException("A row of " + row + " is too long.");
        }
    }

    @Property
    void everyRowIsWrittenOnceInItsLane(@ForAll @Size(max = 5) List<@Size(max = 7) List<@IntRange(min = 1, max = ROOM) Integer>> batches,
                                        @ForAll @IntRange(max = 2) int unused) {
        Recorder recorder = new Recorder(batches.size() + unused);
        LaneParts<Integer> parts = new LaneParts<>(recorder, batches.size() + unused);
        parts.start(batches);
        int tokens = 0;
        while (parts.hasNext()) {
            parts.next();
            assertTrue(parts.tokens() > 0);
            tokens += parts.tokens();
        }
        assertEquals(batches, recorder.seen.subList(0, batches.size()));
        assertEquals(batches.stream().flatMap(List::stream).mapToInt(i -> i).sum(), tokens);
        for (int lane = 0; lane < batches.size(); lane++) {
            assertEquals(batches.get(lane).isEmpty() ? 0 : 1, recorder.weights.get(lane), 1e-5);
        }
    }

    @Test
    void aRowThatNeverFitsIsRefused() {
        LaneParts<Integer> parts = new LaneParts<>(new Recorder(2), 2);
        parts.start(List.of(List.of(4), List.of(5, ROOM + 1)));
        parts.next();
        assertTrue(assertThrows(BadInputException.class, parts::next).getMessage().contains("11"));
    }

    @Test
    void moreBatchesThanLanesAreRefused() {
        LaneParts<Integer> parts = new LaneParts<>(new Recorder(1), 1);
        assertThrows(IllegalArgumentException.class, () -> parts.start(List.of(List.of(1), List.of(1))));
        assertFalse(parts.hasNext());
        assertThrows(IllegalStateException.class, parts::next);
    }
}
