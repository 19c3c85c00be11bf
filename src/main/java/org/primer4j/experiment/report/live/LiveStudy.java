package org.primer4j.experiment.report.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.primer4j.BadInputException;
import org.primer4j.experiment.report.StudyReport;

/**
 * The page and the state of a running study, read again when they are asked for and old. Reading and drawing a large study
 * takes a while, so an answer may be as old as {@link #REST} times what that took: the view leaves the cores to the study.
 * Where reading fails the last good answer stays, with the failure.
 */
final class LiveStudy {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long SHORTEST_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int REST = 10;

    private final Supplier<StudySnapshot> source;
    private StudySnapshot snapshot;
    private String page;
    private String failure;
    private int revision;
    private long nextRead;

    /**
     * Reads the study for the first time.
     *
     * @throws BadInputException if it cannot be read
     */
    LiveStudy(Supplier<StudySnapshot> source) {
        this.source = source;
        read();
    }

    synchronized String page() {
        refresh();
        return page;
    }

    /** The state as JSON; {@code revision} changes with the page. */
    synchronized String state() {
        refresh();
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("name", snapshot.results().manifest().name());
        state.put("revision", revision);
        state.put("runs", snapshot.results().runs().size());
        state.put("planned", snapshot.results().manifest().plannedRuns());
        state.put("primings", snapshot.results().primings().size());
        state.put("complete", snapshot.results().complete());
        state.put("failure", failure);
        try {
            return JSON.writeValueAsString(state) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of numbers and strings did not serialise", e);
        }
    }

    private void refresh() {
        if (System.nanoTime() - nextRead < 0) {
            return;
        }
        try {
            read();
            failure = null;
        } catch (BadInputException unreadable) {
            failure = unreadable.getMessage();
        }
    }

    private void read() {
        long start = System.nanoTime();
        StudySnapshot found = source.get();
        if (!found.equals(snapshot)) {
            page = StudyReport.renderLive(found.results(), found.costs(), revision + 1);
            snapshot = found;
            revision++;
        }
        long end = System.nanoTime();
        nextRead = end + Math.max(SHORTEST_NANOS, REST * (end - start));
    }
}
