package org.primer4j.experiment.study;

import java.util.List;
import java.util.Locale;

/** Whether a study's results bear a statement out. */
public enum Verdict {

    /** The whole interval is on the statement's side of 0. */
    SUPPORTED,
    /** The whole interval is on the other side. */
    CONTRADICTED,
    /** The interval has 0 in it, or there is none. */
    UNDECIDED;

    /** Of a statement with several parts: contradicted if one is, supported if all are. */
    static Verdict all(List<Verdict> parts) {
        if (parts.contains(CONTRADICTED)) {
            return CONTRADICTED;
        }
        return parts.contains(UNDECIDED) ? UNDECIDED : SUPPORTED;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
