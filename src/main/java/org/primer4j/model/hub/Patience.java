package org.primer4j.model.hub;

import java.time.Duration;

/**
 * How long a server is waited for.
 *
 * @param stall        longest silence: to connect, to answer, between two parts of a body
 * @param firstPause   before the second attempt; each further pause is twice as long
 * @param longestPause that a server may ask for before it is asked again
 * @param attempts     without progress in between, before giving up
 */
record Patience(Duration stall, Duration firstPause, Duration longestPause, int attempts) {

    static Patience standard() {
        return new Patience(Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofMinutes(1), 5);
    }
}
