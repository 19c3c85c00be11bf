package org.primer4j.cli;

import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;
import picocli.CommandLine.Option;

/** How frozen weights are kept. */
final class WeightOptions {

    @Option(names = "--dtype", paramLabel = "fp32|tf32|bf16", description = "Frozen weights of linear layers: fp32; or bf16, which is half"
        + " the memory and about twice as fast, less exact, and needs a processor with avx512_bf16 or a GPU of compute capability 8.0; or, on such a GPU,"
        + " tf32: kept as fp32, rounded to TF32 in products (default: bf16 on a GPU that has it, else fp32).")
    private String dtype;

    /** The device with weights of that type. */
    Device on(Device device) {
        return dtype == null ? device.withFittingWeights() : device.withWeights(Valid.of(() -> WeightType.of(dtype)));
    }
}
