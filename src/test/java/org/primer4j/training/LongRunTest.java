package org.primer4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Device;
import org.primer4j.model.Encoder;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.Weights;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.LabelMatching;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqExample;
import org.primer4j.peft.Lora;

/**
 * 5,000 training steps over batches of changing lengths in a JVM of their own: resident memory stays where it was at step
 * 200, and a step allocates no Java objects.
 */
class LongRunTest {

    private static final int STEPS = 5000;
    private static final int WARM = 200;

    @ParameterizedTest
    @ValueSource(strings = {"encoder", "seq2seq"})
    void memoryDoesNotGrow(String kind) throws Exception {
        // A small, touched heap and one compiler: what grows then is ours.
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms64m", "-Xmx64m",
            "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", System.getProperty("java.class.path"),
            LongRunTest.class.getName(), kind).redirectErrorStream(true);
        // Threads that spin for each other are slow where other tests run beside them.
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        String last = output.strip().lines().reduce((a, b) -> b).orElseThrow();
        String[] fields = last.split(" ");
        long grownKib = Long.parseLong(fields[0]);
        double allocatedPerStep = Double.parseDouble(fields[1]);
        assertTrue(grownKib <= 2048, "resident memory grew by " + grownKib + " KiB");
        assertTrue(allocatedPerStep < 1, "a step allocates " + allocatedPerStep + " bytes of Java objects");
    }

    /** Prints what grew behind the first steps: resident KiB, bytes of Java objects a step, bytes of the device. */
    public static void main(String[] arguments) throws IOException {
        Device device = arguments.length > 1 && arguments[1].equals("cuda") ? Device.cuda(0) : Device.cpu(2);
        int steps = arguments.length > 2 ? Integer.parseInt(arguments[2]) : STEPS;
        if (arguments[0].equals("encoder")) {
            encoder(device, steps);
        } else {
            seq2seq(device, steps);
        }
    }

    private static void seq2seq(Device device, int steps) throws IOException {
        List<Seq2SeqExample> rows = SmallBart.rows(64, 30, 5);
        try (Weights weights = new Weights(device, SmallBart.model(SmallBart.TINY, new byte[0], 3).weights());
             Seq2SeqTrainer trainer = new Seq2SeqTrainer(Seq2Seq.of(SmallBart.TINY), weights, Lora.queryValue(3, 6), 0.1, 0.1,
                 Optimizer.AdamW.with(0.01, 1), new Seq2SeqCapacity(200, 100, 10), device)) {
            measure(trainer, rows, device, steps);
        }
    }

    private static void encoder(Device device, int steps) throws IOException {
        List<EncodedExample> rows = TinyEncoder.rows(64, 30, 5);
        try (Weights weights = new Weights(device, TinyEncoder.weights(3));
             ScoringTrainer trainer = new ScoringTrainer(new Encoder(TinyEncoder.CONFIG), weights, Lora.queryValue(3, 6), new LabelMatching(20), 0.1,
                 Optimizer.AdamW.with(0.01, 1), Capacity.ofTokens(1000), device)) {
            measure(trainer, rows, device, steps);
        }
    }

    private static <E> void measure(Trainer<E> trainer, List<E> rows, Device device, int steps) throws IOException {
        List<List<E>> batches = List.of(rows.subList(0, 3), rows.subList(10, 26), rows.subList(30, 37), rows.subList(40, 64));
        int warm = Math.min(WARM, steps / 2);
        run(trainer, batches, warm);
        long resident = residentKib();
        // Asking for free memory makes objects: it comes before they are counted.
        long free = device.freeBytes(), allocated = allocatedBytes();
        run(trainer, batches, steps - warm);
        double perStep = (double) (allocatedBytes() - allocated) / (steps - warm);
        long onDevice = device.kind() == Device.Kind.CPU ? 0 : free - device.freeBytes();
        System.out.println((residentKib() - resident) + " " + perStep + " " + onDevice);
    }

    private static <E> void run(Trainer<E> trainer, List<List<E>> batches, int steps) {
        for (int step = 0; step < steps; step++) {
            trainer.step(batches.get(step % batches.size()), 1e-4);
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static long residentKib() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmRSS")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
