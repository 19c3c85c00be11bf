package org.primer4j.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the op tests' processes print counts as far as it came, and tests that saw no device do not pass for a device's. */
class OpResultsTest {

    private static final String CLASSES = "[\"AddTest\",\"MulTest\"]";
    private static final String ADD = line("AddTest", 3, 5, "{\"F32\":4,\"BF16\":2}");
    private static final String MUL = line("MulTest", 2, 9, "{\"F32\":8,\"TF32\":1,\"BF16\":2}");

    private static String line(String name, int tests, int graphs, String programs) {
        return "{\"class\":\"" + name + "\",\"tests\":" + tests + ",\"left_out\":1,\"failed\":0,\"failures\":[],\"graphs\":" + graphs
            + ",\"graphs_on_cuda\":" + graphs + ",\"programs_on_cuda\":" + programs + ",\"missing_on_cuda\":[]}";
    }

    private static StageResult of(String problem, String... lines) {
        Findings findings = new Findings();
        OpResults results = new OpResults();
        results.add(List.of(lines), problem, findings);
        results.say(findings);
        return findings.result("ops", false, 1, 1);
    }

    @Test
    void countsTestsByClassAndGraphsByProcess() {
        StageResult result = of("", CLASSES, ADD, MUL);
        assertEquals(List.of(), result.problems());
        assertEquals(List.of("5 tests, 2 left out; 9 of 9 graphs were also run on the CUDA device; programs there: [8 F32, 1 TF32, 2 BF16]"), result.notes());
    }

    @Test
    void whatWasFoundBeforeAProcessWasKilledIsKept() {
        StageResult result = of("ops-0 ran out of time", CLASSES, line("AddTest", 3, 5, "{\"F32\":4,\"TF32\":1,\"BF16\":2}"), MUL.substring(0, 20));
        assertEquals(List.of("ops-0 ran out of time in MulTest, 0 classes before their turn"), result.problems());
        assertEquals(1, result.notes().stream().filter(note -> note.startsWith("3 tests")).count());
    }

    @Test
    void aProcessThatSaysNothingIsAFailure() {
        List<String> problems = new ArrayList<>(of("").problems());
        assertEquals("the tests ended early", problems.remove(0));
        assertEquals("no graph was run on the CUDA device", problems.remove(0));
        assertEquals(3, problems.size());
    }

    @Test
    void aPrecisionThatNoTestHadIsAFailure() {
        assertEquals(List.of("no test's program computed in TF32 on the CUDA device"), of("", "[\"AddTest\"]", ADD).problems());
    }

    @Test
    void failuresAreSaidWithTheirClass() {
        String failed = MUL.replace("\"failed\":0,\"failures\":[]", "\"failed\":3,\"failures\":[\"[2] lanes: 1 and 2\"]").replace("\"missing_on_cuda\":[]",
            "\"missing_on_cuda\":[\"mul\"]");
        assertEquals(List.of("MulTest: [2] lanes: 1 and 2", "MulTest: 2 failures more", "ops without a CUDA kernel, of which no graph was run there: mul"),
            of("", "[\"MulTest\"]", failed).problems());
    }
}
