package org.primer4j;

import java.util.List;

/** What a JVM that a test starts needs in order to be as silent as the launcher's. */
public final class ChildJvm {

    /** The first Java that warns when a library is loaded without leave. */
    private static final int WARNS = 24;

    private ChildJvm() {}

    /** Options before the class path, as {@code primer} gives them. */
    public static List<String> options() {
        return Runtime.version().feature() >= WARNS ? List.of("--enable-native-access=ALL-UNNAMED") : List.of();
    }
}
