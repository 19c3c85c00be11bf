package org.primer4j.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;

class CapacityTest {

    @Test
    void aShareHasRoomForOneOfEach() {
        Capacity room = new Capacity(100, 7, 3, 1);
        assertEquals(room, room.share(1));
        assertEquals(new Capacity(50, 3, 1, 1), room.share(0.5));
        assertEquals(new Seq2SeqCapacity(25, 5, 1), new Seq2SeqCapacity(100, 20, 2).share(0.25));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.01, Double.NaN})
    void otherSharesAreRefused(double share) {
        assertThrows(IllegalArgumentException.class, () -> new Capacity(8, 8, 8, 8).share(share));
        assertThrows(IllegalArgumentException.class, () -> new Seq2SeqCapacity(8, 8, 8).share(share));
    }
}
