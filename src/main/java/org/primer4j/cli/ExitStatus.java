package org.primer4j.cli;

/** What the process ends with. */
final class ExitStatus {

    static final int DONE = 0;
    static final int FAILED = 1;
    static final int BAD_INPUT = 2;
    /** 128 + SIGINT, as shells report it. */
    static final int INTERRUPTED = 130;

    private ExitStatus() {
    }
}
