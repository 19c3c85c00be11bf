package org.primer4j.generation;

import java.util.ArrayList;
import java.util.List;

/** The best complete sequences of a source, best first; of equals the earlier found first. */
final class FinishedBeams {

    private final int most;
    private final List<Hypothesis> best = new ArrayList<>();

    FinishedBeams(int most) {
        this.most = most;
    }

    boolean isFull() {
        return best.size() == most;
    }

    /** Score of the worst one. */
    double worst() {
        return best.get(best.size() - 1).score();
    }

    /** Whether a sequence of this score would be kept. */
    boolean takes(double score) {
        return !isFull() || score > worst();
    }

    void add(Hypothesis found) {
        if (isFull()) {
            best.remove(most - 1);
        }
        int at = best.size();
        while (at > 0 && best.get(at - 1).score() < found.score()) {
            at--;
        }
        best.add(at, found);
    }

    List<Hypothesis> all() {
        return List.copyOf(best);
    }
}
