package org.primer4j.gpucheck;

/**
 * A measured time, or a rate.
 *
 * @param what is measured
 * @param shape its sizes
 * @param dtype the numbers it computes in
 * @param unit of the spread and the floor: ms, or a rate
 * @param spread what was measured
 * @param floor the least time, or the highest rate, that the machine allows; null where none is known
 * @param floorFrom what the floor counts
 */
record Figure(String what, String shape, String dtype, String unit, Spread spread, Double floor, String floorFrom) {

    /** Median, least and most of so many measurements. */
    record Spread(double median, double min, double max, int count) {

        static Spread single(double value) {
            return new Spread(value, value, value, 1);
        }
    }

    private static final String TIME = "ms";

    /** How near the median is to the floor, 1 for equal; null without a floor. */
    Double share() {
        if (floor == null || spread.median() == 0) {
            return null;
        }
        return unit.equals(TIME) ? floor / spread.median() : spread.median() / floor;
    }
}
