package org.primer4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A command run inside the test's JVM. */
record Cli(int status, String out, String err) {

    static Cli run(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(Arrays.stream(args).map(String::valueOf).toArray(String[]::new), new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Cli(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Arguments with others; an option that is among both keeps its later value. */
    static Object[] join(Object[] first, Object... second) {
        List<Object> joined = new ArrayList<>(Arrays.asList(first));
        for (Object argument : second) {
            int before = argument instanceof String name && name.startsWith("--") ? joined.indexOf(name) : -1;
            if (before >= 0) {
                joined.subList(before, before + 2).clear();
            }
            joined.add(argument);
        }
        return joined.toArray();
    }
}
