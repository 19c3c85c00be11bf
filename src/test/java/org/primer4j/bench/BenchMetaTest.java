package org.primer4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import picocli.CommandLine;

class BenchMetaTest {

    /** Those that the peer prints too, of what describes the work and the figures. */
    private static final List<String> KEYS = List.of("command", "model", "dtype", "batch", "lengths", "dropout", "inner", "tasks", "inner_steps", "step_ms",
        "real_tokens_per_s", "padded_tokens_per_s", "padding_share", "peak_memory_mib", "loss_finite", "parameters_trained", "parameters_total",
        "trained_dtype", "device", "device_name", "threads", "load_average", "versions");

    @CommandLine.Command
    private static final class Host {
        @CommandLine.Mixin
        private BenchMetaArguments arguments;
    }

    private static BenchMetaOptions options(String command, String... arguments) {
        Host host = new Host();
        new CommandLine(host).parseArgs(arguments);
        return host.arguments.options(command);
    }

    // The numbers are what bench_peft.py says of bart-tiny.
    @ParameterizedTest
    @CsvSource({"maml,lora,12288,3528256", "fomaml,lora,12288,3528256", "reptile,lora,12288,3528256", "maml,all,3515968,3515968",
        "fomaml,all,3515968,3515968", "reptile,all,3515968,3515968"})
    void trainsAsManyParametersAsThePeer(String command, String inner, long trained, long total) {
        Map<String, Object> result = BenchMeta.run(options(command, "--model", "bart-tiny", "--inner", inner, "--tasks", "2", "--batch", "2", "--steps", "1",
            "--warmup", "1", "--inner-steps", "2", "--lengths", "fixed:9/4", "--threads", "1"));
        assertEquals(trained, result.get("parameters_trained"));
        assertEquals(total, result.get("parameters_total"));
        assertEquals(true, result.get("loss_finite"));
        assertTrue(result.keySet().containsAll(KEYS), result.toString());
        assertTrue((double) result.get("real_tokens_per_s") > 0, result.toString());
    }

    @Test
    void defaultsAreThePeers() {
        assertEquals(new BenchMetaOptions("maml", "bart-base", "fixed:128/32", 4, 5, 1, "all", 4, 1, 3e-5, 0.1, 1e-4, 8, 0, new BenchDevice("cpu", 0, "fp32")), options("maml"));
        assertEquals(1, options("fomaml").innerSteps());
        assertEquals(5, options("reptile").innerSteps());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--compile", "--cudagraphs", "--grad-checkpoint", "--group-by-length", "--attention=sdpa", "--adamw=fused", "--fp32-matmul=high",
        "--virtual-tokens=3", "--bottleneck=8", "--device=cuda:x", "--model=minilm", "--objective=classify", "--dtype=bf16-base", "--dropout=0.1",
        "--inner=peft", "--batch=0", "--steps=0", "--warmup=-1", "--tasks=0", "--inner-steps=0", "--inner-lr=0", "--outer-lr=NaN", "--lr=-1", "--rank=0",
        "--seed=-1", "--threads=-1", "--batch=2147483647", "--steps=2147483647", "--warmup=2147483647", "--tasks=2147483647",
        "--inner-steps=2147483647", "--rank=2147483647", "--threads=1025"})
    void refusesByName(String argument) {
        String message = assertThrows(BadInputException.class, () -> options("fomaml", argument)).getMessage();
        assertTrue(message.startsWith("bench fomaml: " + argument.replaceAll("=.*", "")), message);
    }

    @Test
    void refusesMoreRowsThanFitInMemory() {
        String message = assertThrows(BadInputException.class, () -> options("maml", "--tasks", "65536", "--inner-steps", "65536")).getMessage();
        assertEquals("bench maml: the number of rows in all steps is 103080787968; expected at most 1048576.", message);
    }
}
