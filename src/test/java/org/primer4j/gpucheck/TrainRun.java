package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code bench train --profile} printed, beside the machine's ceilings.
 *
 * @param ceilings null where they were not measured
 */
record TrainRun(JsonNode printed, int steps, Ceilings ceilings) {

    /** Ops below this share of a step are not listed; all are in the log. */
    private static final double LISTED = 0.005;
    /** An op whose operands are smaller lies in the cache and measures that. */
    private static final double LEAST_GBYTE = 0.05;

    String name() {
        return printed.get("model").asText() + ", " + printed.get("method").asText();
    }

    String shape() {
        return "batch " + printed.get("batch").asInt() + ", lengths " + printed.get("lengths").asText();
    }

    String dtype() {
        return printed.get("dtype").asText();
    }

    /** Which implementations the device chose, a line each. */
    List<String> choices() {
        List<String> lines = new ArrayList<>();
        printed.path("choices").forEach(line -> lines.add(line.asText()));
        return lines;
    }

    /** A step, and each op in it. */
    List<Figure> figures() {
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure("training step: " + name(), shape(), dtype(), "ms", spread(printed.get("step_ms"), steps), stepFloor(),
            "the floors of its ops, added up"));
        for (JsonNode op : ops()) {
            if (op.get("share").asDouble() >= LISTED) {
                double ms = op.get("ms").asDouble() / steps;
                figures.add(new Figure(op.get("op").asText() + " x " + op.get("uses").asInt() / steps + " in " + name(), shape(), dtype(), "ms",
                    Figure.Spread.single(ms), floor(op), floorFrom(op)));
            }
        }
        return figures;
    }

    /** Products of a step, at the peak, over the step's time; null where no peak is known. */
    Double shareOfPeak() {
        return ceilings == null ? null : printed.get("profile").get("gflop").asDouble() / steps / ceilings.gflopPerMs(dtype())
            / printed.get("step_ms").get("median").asDouble();
    }

    /** The same of some ops, over their own time; null where there is none of them. */
    Double shareOfPeak(List<String> names) {
        double gflop = 0, ms = 0;
        for (JsonNode op : ops()) {
            if (names.contains(op.get("op").asText())) {
                gflop += op.get("gflop").asDouble();
                ms += op.get("ms").asDouble();
            }
        }
        return ceilings == null || ms == 0 ? null : gflop / ceilings.gflopPerMs(dtype()) / ms;
    }

    /** Bytes of the large ops without products, at the copy's rate, over their time; null where there is none of them. */
    Double shareOfCopy() {
        double gbyte = 0, ms = 0;
        for (JsonNode op : ops()) {
            if (op.get("gflop").asDouble() == 0 && op.get("gbyte").asDouble() / op.get("uses").asInt() >= LEAST_GBYTE) {
                gbyte += op.get("gbyte").asDouble();
                ms += op.get("ms").asDouble();
            }
        }
        return ceilings == null || ms == 0 ? null : gbyte / ceilings.gbPerS() * 1e3 / ms;
    }

    private JsonNode ops() {
        return printed.get("profile").get("ops");
    }

    private Double stepFloor() {
        double sum = 0;
        for (JsonNode op : ops()) {
            sum += ceilings == null ? 0 : floor(op);
        }
        return ceilings == null ? null : sum;
    }

    private Double floor(JsonNode op) {
        return ceilings == null ? null : ceilings.floorMs(op.get("gflop").asDouble() / steps, op.get("gbyte").asDouble() / steps, dtype());
    }

    private static String floorFrom(JsonNode op) {
        return op.get("gflop").asDouble() + " GFLOP, " + op.get("gbyte").asDouble() + " GB in all steps";
    }

    static Figure.Spread spread(JsonNode ms, int count) {
        return new Figure.Spread(ms.get("median").asDouble(), ms.get("min").asDouble(), ms.get("max").asDouble(), count);
    }
}
