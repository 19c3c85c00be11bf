package org.primer4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.primer4j.BadInputException;
import org.primer4j.Format;
import org.primer4j.Version;
import org.primer4j.engine.Cuda;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.PretrainedModel;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Says what this machine has and whether the engine works on it. */
@CommandLine.Command(name = "doctor", description = "What this machine has and whether the engine works; exit status 1 if it does not.")
final class DoctorCommand extends Command {

    @Mixin
    private DeviceOptions deviceOptions;

    private final Map<String, Object> findings = new LinkedHashMap<>();
    private boolean sound = true;

    @Override
    public Integer call() {
        Device device = deviceOptions.device(console());
        findings.put("primer4j", Version.number() + (Version.commit().isEmpty() ? "" : " (" + Version.commit() + ")"));
        findings.put("java", System.getProperty("java.version") + ", " + System.getProperty("java.vendor"));
        findings.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        findings.put("processor", field("/proc/cpuinfo", "model name"));
        findings.put("memory", field("/proc/meminfo", "MemTotal") + ", available " + field("/proc/meminfo", "MemAvailable") + "; Java heap at most "
            + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
        examine("engine", device::toString);
        examine("bf16 weights", DoctorCommand::bf16);
        examine("native libraries", () -> String.join(", ", Engine.libraries()));
        examineCuda();
        examine("model minilm", DoctorCommand::model);
        examine("self test", () -> "one training step of a tiny model, loss " + Format.score(SelfTest.loss(device)));
        print();
        return sound ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    /** A finding that can fail, also because a library does not load; the reason is then what is found. */
    private void examine(String name, Supplier<String> examination) {
        try {
            findings.put(name, examination.get());
        } catch (RuntimeException | LinkageError e) {
            sound = false;
            findings.put(name, "FAILED: " + e.getMessage());
        }
    }

    private static String bf16() {
        return Engine.bf16Obstacle().isEmpty() ? "present: the processor has avx512_bf16" : "absent: " + Engine.bf16Obstacle();
    }

    private static String model() {
        EncoderConfig config = PretrainedModel.miniLm().config().asEncoder();
        return "present: " + config.layers() + " layers of width " + config.hiddenSize();
    }

    // Without CUDA the engine is sound: it has the CPU.
    private void examineCuda() {
        String obstacle = Cuda.obstacle();
        findings.put("cuda", obstacle.isEmpty() ? "present" : "absent: " + obstacle);
        findings.putAll(Cuda.findings());
    }

    /** A value of one of Linux's files of {@code name: value} lines. */
    private static String field(String file, String name) {
        Path path = Path.of(file);
        if (!Files.exists(path)) {
            return "unknown (" + file + " is not there)";
        }
        try {
            List<String> lines = Files.readAllLines(path);
            return lines.stream().filter(line -> line.startsWith(name)).map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst().orElse("unknown (" + file + " does not say)");
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read (" + e.getMessage() + ").", e);
        }
    }

    private void print() {
        if (json) {
            console().json(findings);
        } else {
            console().print(findings.entrySet().stream().map(f -> "%-17s %s%n".formatted(f.getKey(), f.getValue())).collect(Collectors.joining()));
        }
    }
}
