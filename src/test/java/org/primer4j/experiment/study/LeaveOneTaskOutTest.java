package org.primer4j.experiment.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LeaveOneTaskOutTest {

    private static final List<String> TASKS = List.of("a", "b", "c", "d");

    @Test
    void namesTheTaskThatMakesTheMean() {
        LeaveOneTaskOut found = LeaveOneTaskOut.of(TASKS, new double[] {0.1, -0.3, 6, 0.2});
        assertEquals("c", found.mostInfluential());
        assertEquals(0, found.without(), 1e-12);
        assertEquals(0, found.range().low(), 1e-12);
        assertEquals(100 * 6.3 / 3, found.range().high(), 1e-12);
    }

    @Test
    void aTaskThatHoldsTheMeanDownIsOneToo() {
        LeaveOneTaskOut found = LeaveOneTaskOut.of(TASKS, new double[] {0.1, -3, 0.2, 0.3});
        assertEquals("b", found.mostInfluential());
        assertEquals(20, found.without(), 1e-12);
        assertEquals(found.range().high(), found.without());
    }

    @Test
    void tasksWithoutAGainHaveNoPart() {
        LeaveOneTaskOut found = LeaveOneTaskOut.of(TASKS, new double[] {Double.NaN, 0.1, Double.POSITIVE_INFINITY, 0.5});
        assertEquals(10, found.range().low(), 1e-12);
        assertEquals(50, found.range().high(), 1e-12);
        assertTrue(List.of("b", "d").contains(found.mostInfluential()), found.mostInfluential());
    }

    @Test
    void oneTaskCannotBeLeftOut() {
        LeaveOneTaskOut found = LeaveOneTaskOut.of(TASKS, new double[] {Double.NaN, 0.1, Double.NaN, Double.NaN});
        assertFalse(found.range().isDefined());
        assertNull(found.mostInfluential());
        assertTrue(Double.isNaN(found.without()));
        assertFalse(LeaveOneTaskOut.of(List.of(), new double[0]).range().isDefined());
    }
}
