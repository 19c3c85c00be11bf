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
        String capability = query(setting, "compute_cap").replace(".", "");
        // Hopper's own instructions are behind a target of their own.
        String target = (capability.equals(HOPPER) ? capability + "a" : capability) + "-real";
        Path out = setting.library().getParent();
        Files.createDirectories(out);
        configureAndBuild(setting, target, out, end);
        findings.note("nvcc compiled for sm_" + target.replace("-real", ""));
        resources(setting, findings);
    }

    private static void configureAndBuild(Setting setting, String target, Path out, long end) throws Exception {
        Path dnnl = setting.root().resolve("lib/dnnl/org/bytedeco/dnnl/linux-x86_64");
        require(setting.tool().run("cmake", left(end), List.of("cmake", "-S", setting.project().toString(), "-B", setting.build().toString(),
            "-DCMAKE_BUILD_TYPE=Release", "-DDNNL_HOME=" + dnnl, "-DPRIMER_OUTPUT=" + out, "-DPRIMER_TEST_OUTPUT=" + out, "-DPRIMER_CUDA=on",
            "-DCMAKE_CUDA_ARCHITECTURES=" + target)));
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
        kernels.stream().filter(kernel -> Integer.parseInt(kernel[STORES]) + Integer.parseInt(kernel[LOADS]) > 0)
            .forEach(kernel -> findings.note("spills: " + String.join(" ", kernel)));
        long frames = kernels.stream().filter(kernel -> Integer.parseInt(kernel[STACK]) > 0).count();
        findings.note(frames + " of them have a stack frame");
    }
}
