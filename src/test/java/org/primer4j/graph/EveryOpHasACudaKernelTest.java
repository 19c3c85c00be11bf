package org.primer4j.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Device;

/** The ops that the CPU's sources register are those that the CUDA backend has, of the same operands and dtypes. */
class EveryOpHasACudaKernelTest {

    private static final Path CPU = Path.of("src", "main", "cpp", "cpu"), CUDA = Path.of("cuda");
    // By name, or through elementwise's macros.
    private static final Pattern REGISTERED = Pattern.compile("(?m)^PRIMER_(?:REGISTER\\(\"|UNARY\\(|BINARY\\()([a-z0-9_]+).*$");
    private static final Pattern COUNT = Pattern.compile("\", (\\d+),");

    @Test
    void noneIsMissing() {
        assumeTrue(TestDevices.hasCuda(), "no CUDA backend, emulated or not");
        Set<String> names = registered(CPU, ".cpp").keySet();
        assertTrue(names.contains("head_top_k") && names.contains("attention") && names.size() > 90, names.toString());
        Device cpu = Device.cpu(1), cuda = Device.cuda(0);
        assertEquals(Set.of(), lacking(cpu, names), "read of the sources, but unknown to the CPU");
        assertEquals(Set.of(), lacking(cuda, names), "without a CUDA kernel");
    }

    @Test
    void theyTakeTheSameOperandsAndDtypes() {
        Map<String, String> cpu = registered(CPU, ".cpp"), cuda = registered(CUDA, ".cu");
        assertEquals(cpu.keySet(), cuda.keySet());
        Set<String> others = cpu.keySet().stream().filter(name -> !agree(cpu.get(name), cuda.get(name))).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), others, "ops of other operands or dtypes than the CPU's");
    }

    // Lines that register the same op. Counts that are constants by name are the program's to check, which it does for every instruction.
    private static boolean agree(String cpu, String cuda) {
        String counted = count(cpu), other = count(cuda);
        return cpu.contains("double") == cuda.contains("double") && macro(cpu).equals(macro(cuda)) && (counted.isEmpty() || other.isEmpty() || counted.equals(other));
    }

    private static String macro(String line) {
        return line.substring(0, line.indexOf('('));
    }

    private static String count(String line) {
        return COUNT.matcher(line).results().map(m -> m.group(1)).findFirst().orElse("");
    }

    // The lines that register ops, by the ops' names.
    private static Map<String, String> registered(Path folder, String extension) {
        try (Stream<Path> sources = Files.list(folder)) {
            return new TreeMap<>(sources.filter(p -> p.toString().endsWith(extension)).flatMap(p -> REGISTERED.matcher(text(p)).results())
                .collect(Collectors.toMap((MatchResult m) -> m.group(1), MatchResult::group)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
