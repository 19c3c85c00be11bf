package org.primer4j.bench;

import picocli.CommandLine.Option;

/** Options that every benchmark has with the same defaults, for a command line to mix in. */
final class SharedOptions {

    @Option(names = "--lengths", defaultValue = "fixed:128/32", description = "fixed:SRC/TGT (default fixed:128/32), or a file of 'SRC TGT' lines")
    String lengths;

    @Option(names = "--rank", defaultValue = "8", description = "rank of LoRA (default 8)")
    int rank;

    @Option(names = "--seed", defaultValue = "0", description = "seed (default 0)")
    int seed;

    @Option(names = "--device", defaultValue = BenchDevice.CPU, description = "cpu (default), cuda or cuda:N")
    private String device;

    @Option(names = "--threads", defaultValue = "0", description = "CPU threads; 0, the default, for all processors")
    private int threads;

    @Option(names = "--dtype", defaultValue = "fp32", description = "fp32 (default); tf32, on a GPU alone; or bf16-base: frozen weights in bf16")
    private String dtype;

    BenchDevice device() {
        return new BenchDevice(device, threads, dtype);
    }
}
