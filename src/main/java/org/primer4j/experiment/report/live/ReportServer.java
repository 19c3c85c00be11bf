package org.primer4j.experiment.report.live;

import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.primer4j.BadInputException;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.experiment.report.StudySnapshot;

/** Serves a study's report, which follows the study while it runs, at {@link #uri}. */
public final class ReportServer implements AutoCloseable {

    private final LiveStudy study;
    private final LocalServer server;

    /**
     * Starts to serve to this machine's browsers.
     *
     * @param port   0 for any that is free
     * @param source reads the study as it is now
     * @throws BadInputException if the study cannot be read or the port is taken
     */
    public ReportServer(int port, Supplier<StudySnapshot> source) {
        try (CloseOnFailure opened = new CloseOnFailure()) {
            study = opened.add(new LiveStudy(source));
            server = LocalServer.start(port, Map.of(
                    "/", new LocalServer.Content("text/html", study::page),
                    "/state.json", new LocalServer.Content("application/json", study::state)));
            opened.succeeded();
        }
    }

    /** The page's address. */
    public URI uri() {
        return server.uri();
    }

    @Override
    public void close() {
        server.close();
        study.close();
    }
}
