package org.primer4j.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of recorded output: of {@code bench train --profile}, of ceilings.py and of compare.py, all on a CPU. */
class ReportTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SAMPLES = Path.of("src/test/resources/gpucheck");
    private static final int STEPS = 2;

    @TempDir
    private Path folder;

    private static JsonNode sample(String name) throws IOException {
        return JSON.readTree(SAMPLES.resolve(name).toFile());
    }

    private static TrainRun run() throws IOException {
        return new TrainRun(sample("train-profile.json"), STEPS, Ceilings.of(sample("ceilings.json")));
    }

    private static Figure figure(List<Figure> figures, String beginning) {
        return figures.stream().filter(figure -> figure.what().startsWith(beginning)).findFirst().orElseThrow();
    }

    @Test
    void anOpStandsBesideTheLargerOfItsTwoFloors() throws IOException {
        List<Figure> figures = run().figures();
        // 0.618 GFLOP at 0.154 TFLOP/s against 0.026163 GB at 159.21 GB/s, in two steps.
        Figure head = figure(figures, "head_cross_entropy x 1 in bart-tiny, full");
        assertEquals(91.29 / STEPS, head.spread().median(), 1e-9);
        assertEquals(0.618 / 0.154 / STEPS, head.floor(), 1e-9);
        assertEquals(head.floor() / head.spread().median(), head.share(), 1e-12);
        // No products: 0.112511 GB.
        assertEquals(0.112511 / 159.21 * 1e3 / STEPS, figure(figures, "adamw x 1").floor(), 1e-9);
    }

    @Test
    void aStepsFloorIsThatOfAllItsOps() throws IOException {
        JsonNode ops = sample("train-profile.json").get("profile").get("ops");
        double sum = 0;
        for (JsonNode op : ops) {
            sum += Math.max(op.get("gflop").asDouble() / 0.154, op.get("gbyte").asDouble() / 159.21 * 1e3) / STEPS;
        }
        Figure step = figure(run().figures(), "training step: bart-tiny, full");
        assertEquals(sum, step.floor(), 1e-9);
        assertEquals(new Figure.Spread(256.084, 74.938, 437.229, STEPS), step.spread());
        assertEquals("batch 2, lengths fixed:40/12", step.shape());
    }

    @Test
    void sharesAreOfTheMeasuredCeilings() throws IOException {
        TrainRun run = run();
        assertEquals(1.35 / STEPS / 0.154 / 256.084, run.shareOfPeak(), 1e-12);
        assertEquals((0.004 + 0.011) / 0.154 / (25.15 + 0.42), run.shareOfPeak(List.of("attention", "attention_backward")), 1e-12);
        assertNull(run.shareOfPeak(List.of("no such op")));
        // Of the ops without products AdamW alone moves 50 MB in a use.
        assertEquals(0.112511 / 159.21 * 1e3 / 10.75, run.shareOfCopy(), 1e-12);
    }

    @Test
    void withoutCeilingsThereIsNoFloor() throws IOException {
        TrainRun run = new TrainRun(sample("train-profile.json"), STEPS, null);
        assertTrue(run.figures().stream().allMatch(figure -> figure.floor() == null && figure.share() == null));
        assertNull(run.shareOfPeak());
        assertNull(run.shareOfCopy());
    }

    @Test
    void aRateIsComparedTheOtherWayRound() {
        assertEquals(0.5, new Figure("copy", "", "", "GB/s", Figure.Spread.single(50), 100.0, "").share());
        assertEquals(0.5, new Figure("step", "", "", "ms", Figure.Spread.single(100), 50.0, "").share());
    }

    // A pair that benchmarks/compare.py measured on a CPU.
    private static Findings compared() throws IOException {
        JsonNode row = Files.readAllLines(Path.of("benchmarks/results/train.jsonl")).stream().filter(line -> line.contains("bart-base")).map(ReportTest::read)
            .findFirst().orElseThrow();
        Findings findings = new Findings();
        SpeedStages.compared("eager", row, 4, findings);
        SpeedStages.compared("compile", row, 5, findings);
        return findings;
    }

    private static JsonNode read(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Report report() throws IOException {
        Findings large = new Findings();
        run().figures().forEach(large::figure);
        large.note("one | two\nthree");
        Findings broken = new Findings();
        broken.problem("it does not build");
        return new Report(Map.of("commit", "8979ca7"), true, List.of(compared().result("peer", false, 12.34, 90), large.result("large", false, 1, 60),
            broken.result("build", false, 2, 60), new Findings().result("ncu", true, 0, 60)));
    }

    @Test
    void writesBothFiles() throws IOException {
        Report report = report();
        report.write(folder);
        JsonNode json = JSON.readTree(folder.resolve("gpu-check.json").toFile());
        assertFalse(json.get("passed").asBoolean());
        assertEquals("FAILED", json.get("stages").get(2).get("status").asText());
        assertEquals(810.121, json.get("stages").get(0).get("figures").get(0).get("median").asDouble());
        assertEquals(4.663, json.get("stages").get(0).get("goals").get(0).get("found").asDouble());
        assertEquals(report.stages().get(1).figures().size(), json.get("stages").get(1).get("figures").size());
        String page = Files.readString(folder.resolve("gpu-check.md"));
        assertTrue(page.contains("no figure here says anything of a GPU"), page);
        assertTrue(page.contains("| build | **FAILED** | 2.0 | 60.0 |"), page);
        assertTrue(page.contains("| ncu | left out |"), page);
        assertTrue(page.contains("- **problem:** it does not build"), page);
        assertTrue(page.contains("- one \\| two three"), page);
        assertTrue(page.contains("| real tokens per second, ours over the peer's (eager) | 4.663 | 4.000 | met |"), page);
        assertTrue(page.contains("| real tokens per second, ours over the peer's (compile) | 4.663 | 5.000 | **missed** |"), page);
        assertTrue(page.contains("| 810.1 | 369.9 | 1,454 |"), page);
    }

    @Test
    void aStageWhoseTurnHasNotComeIsSaidAndIsNoSuccess() throws IOException {
        Report report = new Report(Map.of(), false, List.of(new Findings().result("doctor", false, 1, 60), StageResult.notRun(GpuCheck.STAGES.get(0))));
        assertFalse(report.passed());
        report.write(folder);
        assertEquals("NOT_RUN", JSON.readTree(folder.resolve("gpu-check.json").toFile()).get("stages").get(1).get("status").asText());
        String page = Files.readString(folder.resolve("gpu-check.md"));
        assertTrue(page.contains("| build | **not run** | 0.0 | 240.0 |"), page);
    }

    @Test
    void aFolderIsNamedAsPeopleNameTheGpu() {
        assertEquals("h100", GpuCheck.folderOf("NVIDIA H100 80GB HBM3"));
        assertEquals("h200", GpuCheck.folderOf("NVIDIA H200"));
        assertEquals("a100", GpuCheck.folderOf("NVIDIA A100-SXM4-80GB"));
        assertEquals("unknown-name", GpuCheck.folderOf("unknown name"));
    }

    @Test
    void numbersHaveFourDigitsThatCount() {
        assertEquals("0.01235", MarkdownPage.number(0.012345));
        assertEquals("1.235", MarkdownPage.number(1.23451));
        assertEquals("123,457", MarkdownPage.number(123456.7));
        assertEquals("0.000", MarkdownPage.number(0));
    }
}
