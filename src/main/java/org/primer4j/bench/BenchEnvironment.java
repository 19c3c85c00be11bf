package org.primer4j.bench;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.primer4j.Version;
import org.primer4j.engine.Device;
import org.primer4j.engine.Engine;

/** What figures were measured with. */
final class BenchEnvironment {

    private static final String DNNL = "/META-INF/maven/org.bytedeco/dnnl/pom.properties";

    private BenchEnvironment() {}

    static void describe(Map<String, Object> result, Device device) throws IOException {
        boolean cpu = device.kind() == Device.Kind.CPU;
        result.put("device", BenchDevice.kind(device));
        result.put("device_name", cpu ? processor() : device.toString());
        if (!device.choices().isEmpty()) {
            result.put("choices", device.choices());
        }
        result.put("instruction_set", Engine.instructionSet());
        result.put("threads", device.threads());
        result.put("load_average", Spread.round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 2));
        result.put("versions", versions());
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(l -> l.startsWith("model name"))
            .map(l -> l.substring(l.indexOf(':') + 1).trim()).findFirst().orElse("unknown");
    }

    private static Map<String, String> versions() throws IOException {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("primer4j", Version.number());
        versions.put("oneDNN", dnnl());
        versions.put("java", System.getProperty("java.version"));
        return versions;
    }

    private static String dnnl() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = BenchEnvironment.class.getResourceAsStream(DNNL)) {
            if (in == null) {
                throw new IOException(DNNL + " is not on the class path");
            }
            properties.load(in);
        }
        return properties.getProperty("version");
    }
}
