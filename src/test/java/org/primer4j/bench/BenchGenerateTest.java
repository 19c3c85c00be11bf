package org.primer4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import picocli.CommandLine;

class BenchGenerateTest {

    @CommandLine.Command
    private static final class Host {
        @CommandLine.Mixin
        private BenchGenerateArguments arguments;
    }

    private static BenchGenerateOptions options(String... arguments) {
        Host host = new Host();
        new CommandLine(host).parseArgs(arguments);
        return host.arguments.options();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "lora-all"})
    void everyOutputHasItsLength(String method) {
        Map<String, Object> result = BenchGenerate.run(options("--model", "bart-tiny", "--method", method, "--batch", "2", "--steps", "2", "--beams",
            "3", "--new-tokens", "5", "--lengths", "fixed:9/4", "--threads", "1"));
        assertEquals(List.of(2, 6), result.get("output_shape"));
        assertEquals("generate", result.get("command"));
        assertTrue((double) result.get("generated_tokens_per_s") > 0 && (double) result.get("peak_memory_mib") > 0, result.toString());
    }

    @Test
    void defaultsAreThePeers() {
        assertEquals(new BenchGenerateOptions("bart-base", "full", false, "fixed:128/32", 4, 3, 1, 4, 32, 8, 0, new BenchDevice("cpu", 0, "fp32")), options());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--model minilm", "--method prefix", "--merge", "--beams 0", "--new-tokens 0", "--batch 0", "--dtype bf16-autocast",
        "--device cuda:x", "--compile", "--lr 0.1", "--objective seq2seq", "--attention eager", "--beams 33", "--new-tokens 1025", "--batch 2147483647",
        "--steps 2147483647", "--threads 1025"})
    void whatIsNotHereIsRefusedByName(String arguments) {
        BadInputException e = assertThrows(BadInputException.class, () -> options(arguments.split(" ")));
        assertTrue(e.getMessage().startsWith("bench generate: " + arguments.split(" ")[0] + " is "), e.getMessage());
    }
}
