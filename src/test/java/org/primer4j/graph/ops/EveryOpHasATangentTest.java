package org.primer4j.graph.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.primer4j.graph.Node;
import org.primer4j.graph.Op;

/** No op is forgotten: it has a tangent or refuses one, is decomposed before tangents are taken, or is on the list of those that have none. */
class EveryOpHasATangentTest {

    /** They update parameters, or have no inputs. */
    private static final Set<String> WITHOUT = Set.of("Elementwise$Fill", "Optimize$ClipGradNorm", "Optimize$AdamW", "Optimize$Sgd", "Optimize$Accumulate");

    @Test
    void everyOpIsAccountedFor() throws Exception {
        Set<String> without = new TreeSet<>();
        for (Class<?> op : ops()) {
            if (!declares(op, "tangent") && !decomposed(op) && !isTangent(op)) {
                without.add(op.getName().substring(op.getPackageName().length() + 1));
            }
        }
        assertEquals(WITHOUT, without);
    }

    @Test
    void whatIsKeptForTangentsHasThem() throws Exception {
        List<Class<?>> kept = ops().stream().filter(op -> Op.Fused.class.isAssignableFrom(op) && declares(op, "hasTangents")).toList();
        assertTrue(kept.size() >= 10, "found " + kept);
        for (Class<?> op : kept) {
            Stream.concat(Stream.of(op), Arrays.stream(op.getDeclaredClasses())).filter(c -> Op.class.isAssignableFrom(c) && !isTangent(c))
                .forEach(c -> assertTrue(declares(c, "tangent"), c + " has no tangent"));
        }
    }

    // The gradient of what is decomposed is never asked for.
    private static boolean decomposed(Class<?> op) {
        Class<?> fused = op.getEnclosingClass() == null ? op : op.getEnclosingClass();
        return Op.Fused.class.isAssignableFrom(fused) && !declares(fused, "hasTangents");
    }

    private static boolean isTangent(Class<?> op) {
        return op.getSimpleName().endsWith("Tangent");
    }

    private static boolean declares(Class<?> op, String method) {
        Class<?>[] parameters = method.equals("tangent") ? new Class<?>[] {Node.class, List.class, boolean[].class} : new Class<?>[0];
        try {
            Method found = op.getMethod(method, parameters);
            return !found.getDeclaringClass().isInterface();
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static List<Class<?>> ops() throws IOException, URISyntaxException, ClassNotFoundException {
        Path folder = Path.of(Linear.class.getResource("Linear.class").toURI()).getParent();
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(".class")).map(n -> n.substring(0, n.length() - 6)).sorted().toList();
        }
        List<Class<?>> ops = new ArrayList<>();
        for (String name : names) {
            Class<?> type = Class.forName(Linear.class.getPackageName() + "." + name);
            if (Op.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
                ops.add(type);
            }
        }
        return ops;
    }
}
