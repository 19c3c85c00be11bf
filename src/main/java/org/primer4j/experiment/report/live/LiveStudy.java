package org.primer4j.experiment.report.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.primer4j.BadInputException;
import org.primer4j.experiment.report.StudyReport;
import org.primer4j.experiment.report.StudySnapshot;

/**
 * The page and the state of a running study, read again and again by a thread of its own. Reading and drawing a large study
 * takes a while, so the thread rests {@link #REST} times as long: the view leaves the cores to the study. Where reading fails
 * the last page stays, and the state says why.
 */
final class LiveStudy implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final int REST = 20;

    private final Supplier<StudySnapshot> source;
    private final Thread reader = new Thread(this::follow, "report-reader");
    private volatile View view;

    /** What was read, and the page drawn of it; {@code failure} is null if the last reading worked. */
    private record View(StudySnapshot snapshot, int revision, String page, String failure) {

        View next(StudySnapshot found) {
            return found.equals(snapshot) ? new View(snapshot, revision, page, null) : draw(found, revision + 1);
        }

        static View draw(StudySnapshot snapshot, int revision) {
            return new View(snapshot, revision, StudyReport.renderLive(snapshot.results(), snapshot.costs(), revision), null);
        }

        View failed(String why) {
            return new View(snapshot, revision, page, why);
        }
    }

    /**
     * Reads the study for the first time, and then on.
     *
     * @throws BadInputException if it cannot be read
     */
    LiveStudy(Supplier<StudySnapshot> source) {
        this.source = source;
        // So that a page left by a server that was here before is taken for an old one.
        view = View.draw(source.get(), ThreadLocalRandom.current().nextInt(1 << 30));
        reader.setDaemon(true);
        reader.start();
    }

    String page() {
        return view.page();
    }

    /** The state as JSON; {@code revision} changes with the page. */
    String state() {
        View now = view;
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("name", now.snapshot().results().manifest().name());
        state.put("revision", now.revision());
        state.put("runs", now.snapshot().results().runs().size());
        state.put("planned", now.snapshot().results().manifest().plannedRuns());
        state.put("primings", now.snapshot().results().primings().size());
        state.put("complete", now.snapshot().results().complete());
        state.put("failure", reader.isAlive() ? now.failure() : "The server reads the study no more; start it again.");
        try {
            return JSON.writeValueAsString(state) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of numbers and strings did not serialise", e);
        }
    }

    @Override
    public void close() {
        reader.interrupt();
    }

    private void follow() {
        long took = 0;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(Math.max(SHORTEST.toMillis(), REST * took));
            } catch (InterruptedException closed) {
                return;
            }
            long start = System.nanoTime();
            read();
            took = Duration.ofNanos(System.nanoTime() - start).toMillis();
        }
    }

    private void read() {
        try {
            view = view.next(source.get());
        } catch (BadInputException unreadable) {
            view = view.failed(unreadable.getMessage());
        }
    }
}
