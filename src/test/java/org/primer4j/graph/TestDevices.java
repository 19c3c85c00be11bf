package org.primer4j.graph;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.primer4j.engine.Cuda;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;
import org.primer4j.engine.WeightType;

/**
 * The devices that an op is checked on: the CPU with one and two threads, and the CUDA backend where its library is named. In
 * {@code mvn verify} that is the backend's own sources over an emulation of CUDA on the host (src/test/cpp/emulation).
 */
public final class TestDevices {

    private static final AtomicInteger GRAPHS = new AtomicInteger(), ON_CUDA = new AtomicInteger();
    private static final Set<String> MISSING = ConcurrentHashMap.newKeySet();
    private static final Map<WeightType, Integer> PROGRAMS_ON_CUDA = new ConcurrentHashMap<>();

    private TestDevices() {}

    /** Devices that have all of a graph's ops. */
    public static List<Device> of(Graph graph) {
        return of(graph, WeightType.F32);
    }

    /** Those of them that have frozen weights of a type: not every CPU has. */
    public static List<Device> of(Graph graph, WeightType type) {
        boolean cpu = type == WeightType.F32 || type == WeightType.BF16 && Engine.bf16Obstacle().isEmpty();
        Stream<Device> cpus = cpu ? Stream.of(Device.cpu(1), Device.cpu(2)) : Stream.of();
        Stream<Device> cuda = hasCuda() && counted(missingOnCuda(graph)) ? Stream.of(Device.cuda(0)) : Stream.of();
        return Stream.concat(cpus, cuda).map(device -> device.withWeights(type)).toList();
    }

    private static boolean counted(Set<String> missing) {
        GRAPHS.incrementAndGet();
        ON_CUDA.addAndGet(missing.isEmpty() ? 1 : 0);
        MISSING.addAll(missing);
        return missing.isEmpty();
    }

    /** Counts a test's program on a device. */
    static void compiled(Device device) {
        if (device.kind() == Device.Kind.CUDA) {
            PROGRAMS_ON_CUDA.merge(device.weights(), 1, Integer::sum);
        }
    }

    /** Programs of this process's tests on the CUDA device, by the precision of their products. */
    public static Map<WeightType, Integer> programsOnCuda() {
        return new TreeMap<>(PROGRAMS_ON_CUDA);
    }

    /** Graphs whose devices were asked for in this process. */
    public static int graphs() {
        return GRAPHS.get();
    }

    /** Those of them that the CUDA device has all ops of. */
    public static int graphsOnCuda() {
        return ON_CUDA.get();
    }

    /** Ops that kept the others from it. */
    public static Set<String> missing() {
        return new TreeSet<>(MISSING);
    }

    /** Whether the process has a CUDA device, emulated or not. */
    public static boolean hasCuda() {
        return System.getProperty(Cuda.LIBRARY_PROPERTY) != null && !Boolean.getBoolean(OpChecks.KERNELS_ALONE);
    }

    /** Names of a graph's ops that the CUDA backend has not. */
    public static Set<String> missingOnCuda(Graph graph) {
        Device cuda = Device.cuda(0);
        return Plan.of(graph).nodes().stream().filter(n -> !(n.op() instanceof Leaf)).map(n -> n.op().name()).filter(name -> !cuda.hasKernel(name))
            .collect(Collectors.toCollection(TreeSet::new));
    }
}
