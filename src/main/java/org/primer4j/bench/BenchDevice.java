package org.primer4j.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;

/**
 * Where a benchmark computes, and in what numbers.
 *
 * @param name cpu, cuda (the first device) or cuda:N
 * @param threads of the CPU; 0 for all processors
 * @param dtype fp32; tf32, products in it on a GPU (the peer's --fp32-matmul high); or bf16-base, frozen weights in bf16
 */
public record BenchDevice(String name, int threads, String dtype) {

    static final String CPU = "cpu";
    private static final Map<String, WeightType> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("fp32", WeightType.F32);
        TYPES.put("tf32", WeightType.TF32);
        TYPES.put("bf16-base", WeightType.BF16);
    }

    static final List<String> DTYPES = List.copyOf(TYPES.keySet());
    private static final String CUDA = "cuda";
    private static final Pattern NAME = Pattern.compile(CPU + "|" + CUDA + "(:[0-9]{1,3})?");

    /** @param dtypes that the benchmark has */
    void check(OptionChecks checks, List<String> dtypes) {
        checks.require(NAME.matcher(name).matches(), "--device", name, "cpu, cuda or cuda:N");
        checks.between("--threads", threads, 0, Device.MOST_THREADS);
        checks.oneOf("--dtype", dtype, dtypes);
    }

    /** @throws org.primer4j.BadInputException when there is no such device, or it does not compute in that type */
    Device open() {
        return device().withWeights(TYPES.get(dtype));
    }

    private Device device() {
        return Device.of(name, threads == 0 ? Device.cpu().threads() : threads);
    }

    /** Its kind, as the peer names it. */
    static String kind(Device device) {
        return device.kind() == Device.Kind.CPU ? CPU : CUDA;
    }
}
