package org.primer4j.gpucheck;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** Builds the CUDA backend for the GPU that is here. */
final class BuildStage {

    private static final String HOPPER = "90";
    /** Columns of the table of kernels that the build leaves: registers, stack frame, spill stores, spill loads. */
    private static final int REGISTERS = 1, STACK = 2, STORES = 3, LOADS = 4;

    private BuildStage() {}

    static void run(Setting setting, Findings findings, Duration limit) throws Exception {
        setting.needsGpu("the emulation's library was packed");
        for (String program : List.of("nvidia-smi", "cmake", "nvcc", "g++")) {
            setting.needs(program);
        }
        long end = System.nanoTime() + limit.toNanos();
        String target = target(setting);
        Path out = setting.library().getParent();
        Files.createDirectories(out);
        configureAndBuild(setting, target + "-real", out, end);
        findings.note("nvcc compiled for sm_" + target);
        resources(setting, findings);
    }

    /** The matrix instructions, fragments and copies that kernels are made of, beside plain products. */
    static void instructions(Setting setting, Findings findings, Duration limit) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        Path program = setting.project().resolve("native/primer_mma_test");
        if (!setting.emulated()) {
            program = setting.build().resolve("primer_mma_test");
            String target = target(setting);
            require(setting.tool().run("nvcc-instructions", left(end), List.of("nvcc", "-std=c++20", "--extended-lambda", "--expt-relaxed-constexpr",
                "-gencode=arch=compute_" + target + ",code=sm_" + target, "-Icuda", "-Isrc/main/cpp", "-Isrc/main/cpp/include", "src/test/cpp/mma_test.cu", "-o",
                program.toString())));
        }
        Tool.Ended ended = setting.tool().run("instructions", left(end), List.of(program.toString()));
        if (!ended.succeeded()) {
            findings.problem(ended.problem());
        }
    }

    // Hopper's own instructions are behind a target of their own.
    private static String target(Setting setting) throws Exception {
        String capability = query(setting, "compute_cap").replace(".", "");
        return capability.equals(HOPPER) ? capability + "a" : capability;
    }

    private static void configureAndBuild(Setting setting, String target, Path out, long end) throws Exception {
        Path dnnl = setting.root().resolve("lib/dnnl/org/bytedeco/dnnl/linux-x86_64");
        require(setting.tool().run("cmake", left(end), List.of("cmake", "-S", setting.project().toString(), "-B", setting.build().toString(),
            "-DCMAKE_BUILD_TYPE=Release", "-DDNNL_HOME=" + dnnl, "-DPRIMER_OUTPUT=" + out, "-DPRIMER_TEST_OUTPUT=" + out, "-DPRIMER_CUDA=on",
            "-DPRIMER_CUDA_SPILLS=on", "-DCMAKE_CUDA_ARCHITECTURES=" + target)));
        require(setting.tool().run("nvcc", left(end), List.of("cmake", "--build", setting.build().toString(), "--target", "primer_cuda", "--parallel",
            String.valueOf(Runtime.getRuntime().availableProcessors()))));
    }

    private static Duration left(long end) {
        return Duration.ofNanos(end - System.nanoTime());
    }

    private static void require(Tool.Ended ended) throws Exception {
        if (!ended.succeeded()) {
            throw new IllegalStateException(ended.problem());
        }
    }

    /** A field of the first GPU, as nvidia-smi names it. */
    static String query(Setting setting, String field) throws Exception {
        Tool.Ended ended = setting.tool().run("nvidia-smi", Duration.ofSeconds(20), List.of("nvidia-smi", "--id=0", "--query-gpu=" + field, "--format=csv,noheader"));
        require(ended);
        return ended.last().strip();
    }

    private static void resources(Setting setting, Findings findings) throws Exception {
        Path table = setting.build().resolve("cuda-kernels.tsv");
        List<String[]> kernels = Files.readAllLines(table).stream().skip(1).map(line -> line.split("\t")).toList();
        Files.copy(table, setting.logs().resolve("kernels.tsv"), StandardCopyOption.REPLACE_EXISTING);
        int most = kernels.stream().mapToInt(kernel -> Integer.parseInt(kernel[REGISTERS])).max().orElse(0);
        findings.note(kernels.size() + " kernels (ptxas); at most " + most + " registers");
        // Another nvcc than the one that they were written with may need more registers: that is found, and what it costs is measured all the same.
        kernels.stream().filter(kernel -> Integer.parseInt(kernel[STORES]) + Integer.parseInt(kernel[LOADS]) > 0)
            .forEach(kernel -> findings.problem("it spills: " + String.join(" ", kernel)));
        long frames = kernels.stream().filter(kernel -> Integer.parseInt(kernel[STACK]) > 0).count();
        findings.note(frames + " of them have a stack frame");
    }
}
