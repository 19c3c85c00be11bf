package org.primer4j.bench;

import java.util.List;
import java.util.regex.Pattern;
import org.primer4j.engine.Device;
import org.primer4j.engine.WeightType;

/**
 * Where a benchmark computes, and in what numbers.
 *
 * @param name cpu, cuda (the first device) or cuda:N
 * @param threads of the CPU; 0 for all processors
 * @param dtype fp32, or bf16-base: frozen weights in bf16; names of the peer
 */
public record BenchDevice(String name, int threads, String dtype) {

    static final String CPU = "cpu";
    static final List<String> DTYPES = List.of("fp32", "bf16-base");
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
        return device().withWeights(dtype.equals(DTYPES.get(0)) ? WeightType.F32 : WeightType.BF16);
    }

    private Device device() {
        if (!name.equals(CPU)) {
            return Device.cuda(name.equals(CUDA) ? 0 : Integer.parseInt(name.substring(CUDA.length() + 1)));
        }
        return threads == 0 ? Device.cpu() : Device.cpu(threads);
    }

    /** Its kind, as the peer names it. */
    static String kind(Device device) {
        return device.kind() == Device.Kind.CPU ? CPU : CUDA;
    }
}
