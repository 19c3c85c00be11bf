package org.primer4j;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this build is, for results and logs. */
public final class Version {

    private static final String MAVEN = "/META-INF/maven/org.primer4j/primer4j/pom.properties";

    private Version() {
    }

    /** The version in the jar; "development" outside of one. */
    public static String number() {
        try (InputStream stream = Version.class.getResourceAsStream(MAVEN)) {
            if (stream == null) {
                return "development";
            }
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's pom.properties cannot be read", e);
        }
    }

    /** The commit it was built from, as the launcher tells; empty if unknown. */
    public static String commit() {
        return System.getProperty("primer4j.commit", "");
    }
}
