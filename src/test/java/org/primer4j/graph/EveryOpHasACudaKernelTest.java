package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Device;

/** The ops that the CPU's sources register are those that the CUDA backend has. */
class EveryOpHasACudaKernelTest {

    private static final Path CPU = Path.of("src", "main", "cpp", "cpu");
    // By name, or through elementwise.cpp's macros.
    private static final Pattern REGISTERED = Pattern.compile("(?m)^PRIMER_(?:REGISTER\\(\"|UNARY\\(|BINARY\\()([a-z0-9_]+)");

    @Test
    void noneIsMissing() throws IOException {
        assumeTrue(TestDevices.hasCuda(), "no CUDA backend, emulated or not");
        Set<String> names = registered();
        assertTrue(names.contains("head_top_k") && names.contains("attention") && names.size() > 90, names.toString());
        Device cpu = Device.cpu(1), cuda = Device.cuda(0);
        assertEquals(Set.of(), lacking(cpu, names), "read of the sources, but unknown to the CPU");
        assertEquals(Set.of(), lacking(cuda, names), "without a CUDA kernel");
    }

    private static Set<String> registered() throws IOException {
        try (Stream<Path> sources = Files.list(CPU)) {
            return sources.filter(p -> p.toString().endsWith(".cpp")).flatMap(p -> REGISTERED.matcher(text(p)).results()).map((MatchResult m) -> m.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> lacking(Device device, Set<String> names) {
        return names.stream().filter(name -> !device.hasKernel(name)).collect(Collectors.toCollection(TreeSet::new));
    }
}
