package org.primer4j.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.primer4j.engine.Device;
import org.primer4j.engine.PackedWeights;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Node;

/** Where the time of training steps goes, by op, and how far it is from the machine's matrix products. */
final class Profile {

    private static final double GIGA = 1e9;
    private static final double MS = 1e3;

    private Profile() {}

    /** What one op takes over all steps. */
    private static final class Total {
        private double seconds;
        private double flop;
        private double bytes;
        private int uses;
    }

    /**
     * Runs batches {@code first} to {@code end - 1} once more, with a clock around every op. On the CPU the floor is what all products would
     * take at the rate of a large one; a GPU's ceilings are for whoever runs the benchmark to measure (benchmarks/gpu-check does).
     */
    static Map<String, Object> measure(BenchRun run, int first, int end, Device device) {
        Map<String, Total> totals = totals(run, first, end);
        double seconds = totals.values().stream().mapToDouble(t -> t.seconds).sum();
        double flop = totals.values().stream().mapToDouble(t -> t.flop).sum();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("gflop", Spread.round(flop / GIGA, 2));
        result.put("measured_ms", Spread.round(seconds * MS, 2));
        if (device.kind() == Device.Kind.CPU) {
            double rate = GemmRate.measure(device);
            result.put("gemm_gflop_per_s", Spread.round(rate / GIGA, 1));
            result.put("floor_ms", Spread.round(flop / rate * MS, 2));
            result.put("gap", Spread.round(seconds / (flop / rate), 2));
        }
        result.put("ops", rows(totals, seconds));
        return result;
    }

    private static Map<String, Total> totals(BenchRun run, int first, int end) {
        List<Node> ops = run.program().plan().nodes().stream().filter(n -> !(n.op() instanceof Leaf)).toList();
        Map<String, Total> totals = new TreeMap<>();
        for (int batch = first; batch < end; batch++) {
            double[] seconds = new double[ops.size()];
            run.profile(batch, seconds);
            for (int i = 0; i < seconds.length; i++) {
                Total total = totals.computeIfAbsent(ops.get(i).op().name(), name -> new Total());
                total.seconds += seconds[i];
                total.flop += Work.flop(ops.get(i), run.sizes(batch));
                total.bytes += Work.bytes(ops.get(i), run.sizes(batch), packing -> PackedWeights.isBf16(run.program().device(), packing));
                total.uses++;
            }
        }
        return totals;
    }

    private static List<Map<String, Object>> rows(Map<String, Total> totals, double seconds) {
        List<Map<String, Object>> rows = new ArrayList<>();
        totals.entrySet().stream().sorted(Comparator.comparingDouble(e -> -e.getValue().seconds)).forEach(e -> {
            Total total = e.getValue();
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("op", e.getKey());
            row.put("uses", total.uses);
            row.put("ms", Spread.round(total.seconds * MS, 2));
            row.put("share", Spread.round(total.seconds / seconds, 4));
            row.put("gflop", Spread.round(total.flop / GIGA, 3));
            row.put("gflop_per_s", Spread.round(total.flop / total.seconds / GIGA, 1));
            row.put("gbyte", Spread.round(total.bytes / GIGA, 6));
            row.put("gbyte_per_s", Spread.round(total.bytes / total.seconds / GIGA, 1));
            rows.add(row);
        });
        return rows;
    }
}
