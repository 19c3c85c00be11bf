package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.engine.Engine;
import org.primer4j.graph.OpChecks;

/** The kernels are there, and right, for every instruction set, and none of a newer one runs on an older processor. */
class InstructionSetTest {

    private static final Path OBJECTS = Path.of("target/native/src/main/cpp/CMakeFiles");

    private record Result(int status, String output) {}

    @ParameterizedTest
    @ValueSource(strings = {"x86-64", "avx2"})
    void lesserInstructionSetsPassTheOpsChecks(String set) throws Exception {
        assumeTrue(!Engine.instructionSet().equals("x86-64") && !Engine.instructionSet().equals(set), "this process runs that set or a lesser one");
        Result result = probe(set);
        assertEquals(0, result.status, result.output);
        // Newer JDKs warn about native libraries unless told that they are meant.
        List<String> lines = result.output.lines().filter(l -> !l.isBlank() && !l.startsWith("WARNING")).toList();
        assertEquals(set, lines.get(0));
        assertTrue(Integer.parseInt(lines.get(lines.size() - 1)) > 30, result.output);
    }

    @Test
    void refusesAnInstructionSetThatIsNotThere() throws Exception {
        Result result = probe("avx4096");
        assertNotEquals(0, result.status);
        assertTrue(result.output.contains("EngineException") && result.output.contains("PRIMER_ISA is avx4096"), result.output);
    }

    private static Result probe(String set) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        // A process of a few seconds spends most of them in the optimizing compiler, where it has one.
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-D" + OpChecks.KERNELS_ALONE + "=true", "-cp", classPath, InstructionSetProbe.class.getName());
        builder.environment().put("PRIMER_ISA", set);
        // oneDNN's products follow: SSE4.1 is the least it takes.
        builder.environment().put("ONEDNN_MAX_CPU_ISA", set.equals("avx2") ? "AVX2" : "SSE41");
        return run(builder);
    }

    private static Result run(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    // Constructors of static objects would run on every processor when the library is loaded.
    @ParameterizedTest
    @ValueSource(strings = {"avx2", "avx512"})
    void nothingRunsWhenTheLibraryIsLoaded(String set) throws Exception {
        assertTrue(tool("readelf", "-SW", set).lines().noneMatch(l -> l.contains(".init_array") || l.contains(".ctors")), set);
    }

    // The linker keeps one copy of a weak function for the whole library: it must not be one for a newer processor.
    @ParameterizedTest
    @ValueSource(strings = {"avx2", "avx512"})
    void definesNoWeakFunctionOutsideItsNamespace(String set) throws Exception {
        assertEquals(List.of(), tool("nm", "-C", set).lines().filter(l -> l.matches("[0-9a-f]+ [Wwi] .*"))
            .filter(l -> !l.contains("primer::" + set + "::")).toList());
    }

    @Test
    void everySetHasTheSameKernels() throws Exception {
        Set<String> base = kernels("base");
        assertTrue(base.size() > 50, base.toString());
        assertEquals(base, kernels("avx2"));
        assertEquals(base, kernels("avx512"));
    }

    // Entries of the table, as "file: entry_LINE".
    private static Set<String> kernels(String set) throws Exception {
        Set<String> found = new TreeSet<>();
        String file = "";
        for (String line : tool("nm", "-C", set).lines().toList()) {
            file = line.endsWith(".cpp.o:") ? line.substring(line.lastIndexOf('/') + 1) : file;
            if (line.matches(".*::entry_\\d+")) {
                found.add(file + " " + line.substring(line.lastIndexOf("::")));
            }
        }
        return found;
    }

    private static String tool(String tool, String option, String set) throws Exception {
        Path folder = OBJECTS.resolve("kernels_" + set + ".dir/cpu");
        assumeTrue(Files.isDirectory(folder) && onPath(tool), "needs " + folder + " and " + tool);
        List<String> objects;
        try (Stream<Path> files = Files.list(folder)) {
            objects = files.map(Path::toString).filter(f -> f.endsWith(".o")).sorted().collect(Collectors.toList());
        }
        objects.addAll(0, List.of(tool, option));
        Result result = run(new ProcessBuilder(objects));
        assertEquals(0, result.status, result.output);
        return result.output;
    }

    private static boolean onPath(String tool) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(p -> Files.isExecutable(Path.of(p, tool)));
    }
}
