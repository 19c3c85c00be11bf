package org.primer4j.gpucheck;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.primer4j.graph.TestDevices;

/**
 * Runs the tests of the engine, of graphs and of ops, which put every device beside float64: {@code OpTests PATTERN SHARD SHARDS} runs those classes whose names match,
 * one in {@code SHARDS}. As JSON the first line names the classes, and then a line for each says what was found; of graphs and programs, of all classes so far.
 */
final class OpTests {

    private static final List<String> PACKAGES = List.of("org.primer4j.engine", "org.primer4j.graph");
    /** The properties of planner and buckets, which another engine runs, ask no device. */
    private static final String JUPITER = "junit-jupiter";
    /** Of a class. */
    private static final int MOST_FAILURES = 10;

    private OpTests() {}

    public static void main(String[] arguments) throws IOException {
        Pattern pattern = Pattern.compile(arguments[0]);
        int shard = Integer.parseInt(arguments[1]), shards = Integer.parseInt(arguments[2]);
        List<Class<?>> all = new ArrayList<>();
        PACKAGES.forEach(name -> all.addAll(ReflectionSupport.findAllClassesInPackage(name, type -> true, found -> pattern.matcher(found).matches())));
        all.sort(Comparator.comparing(Class::getName));
        List<Class<?>> own = new ArrayList<>();
        for (int i = shard; i < all.size(); i += shards) {
            own.add(all.get(i));
        }
        ObjectMapper json = new ObjectMapper();
        System.out.println(json.writeValueAsString(own.stream().map(Class::getSimpleName).toList()));
        for (Class<?> type : own) {
            System.out.println(json.writeValueAsString(found(type, run(type))));
        }
        // Devices stay open until the process ends; their threads are not to keep it.
        System.exit(0);
    }

    private static TestExecutionSummary run(Class<?> type) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass(type))
            .filters(EngineFilter.includeEngines(JUPITER)).build();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    private static Map<String, Object> found(Class<?> type, TestExecutionSummary summary) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("class", type.getSimpleName());
        found.put("tests", summary.getTestsSucceededCount() + summary.getTestsFailedCount());
        found.put("left_out", summary.getTestsSkippedCount() + summary.getTestsAbortedCount());
        found.put("failed", summary.getTotalFailureCount());
        found.put("failures", summary.getFailures().stream().limit(MOST_FAILURES)
            .map(failure -> failure.getTestIdentifier().getDisplayName() + ": " + failure.getException()).toList());
        found.put("graphs", TestDevices.graphs());
        found.put("graphs_on_cuda", TestDevices.graphsOnCuda());
        found.put("programs_on_cuda", TestDevices.programsOnCuda());
        found.put("missing_on_cuda", TestDevices.missing());
        return found;
    }
}
