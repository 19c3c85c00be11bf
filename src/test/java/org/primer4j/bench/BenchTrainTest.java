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

class BenchTrainTest {

    @CommandLine.Command
    private static final class Host {
        @CommandLine.Mixin
        private BenchTrainArguments arguments;
    }

    private static BenchTrainOptions options(String... arguments) {
        Host host = new Host();
        new CommandLine(host).parseArgs(arguments);
        return host.arguments.options();
    }

    // The numbers are what bench_peft.py says of minilm.
    @ParameterizedTest
    @CsvSource({"lora,classify,74498", "lora-all,classify,338690", "adapter,classify,595970", "bitfit,classify,26882",
        "lora,contrastive,73728"})
    void trainsAsManyParametersAsThePeer(String method, String objective, long trained) {
        Map<String, Object> result = BenchTrain.run(options("--method", method, "--objective", objective, "--batch", "2", "--steps", "2",
            "--warmup", "0", "--lengths", "fixed:9/4", "--threads", "1"));
        assertEquals(trained, result.get("parameters_trained"));
        assertEquals(true, result.get("loss_finite"));
        assertEquals(0.0, result.get("padding_share"));
        assertTrue((double) result.get("real_tokens_per_s") > 0, result.toString());
    }

    @Test
    @SuppressWarnings("unchecked")
    void profileCountsTheWork() {
        Map<String, Object> result = BenchTrain.run(options("--batch", "1", "--steps", "1", "--warmup", "0", "--lengths", "fixed:10/1",
            "--threads", "1", "--profile"));
        Map<String, Object> profile = (Map<String, Object>) result.get("profile");
        Map<String, Object> attention = ((List<Map<String, Object>>) profile.get("ops")).stream()
            .filter(row -> row.get("op").equals("attention")).findFirst().orElseThrow();
        assertEquals(6, attention.get("uses"));
        // 6 layers, 2 products of 10 x 10 x 384, rounded to 10^6.
        assertEquals(0.001, attention.get("gflop"));
        assertTrue((double) profile.get("floor_ms") > 0 && (double) profile.get("gap") > 0, profile.toString());
    }

    @Test
    void defaultsAreThePeers() {
        assertEquals(new BenchTrainOptions("minilm", "lora", "classify", "fixed:128/32", 8, 10, 3, 1, 8, 64, 20, 1e-4, 0, 0, new BenchDevice("cpu", 0, "fp32"), false),
            options());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--compile", "--cudagraphs", "--grad-checkpoint", "--group-by-length", "--attention=sdpa", "--adamw=fused",
        "--fp32-matmul=high", "--virtual-tokens=0", "--device=cuda:x", "--model=t5", "--method=ia3", "--objective=seq2seq", "--dtype=bf16-autocast",
        "--batch=0", "--steps=0", "--warmup=-1", "--passes=0", "--rank=0", "--bottleneck=0", "--lr=0", "--lr=NaN", "--dropout=1", "--seed=-1",
        "--threads=-1", "--lr=Infinity", "--batch=2147483647", "--steps=2147483647", "--warmup=2147483647", "--passes=2147483647", "--rank=2147483647",
        "--bottleneck=2147483647", "--virtual-tokens=513", "--threads=1025"})
    void refusesByName(String argument) {
        String message = assertThrows(BadInputException.class, () -> options(argument)).getMessage();
        assertTrue(message.contains(argument.replaceAll("=.*", "")), message);
    }
}
