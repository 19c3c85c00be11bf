package org.primer4j.gpucheck;

import java.util.ArrayList;
import java.util.List;

/** What a stage finds while it runs. */
final class Findings {

    /** Ends a stage that cannot be run here. */
    static final class LeftOut extends RuntimeException {
        LeftOut(String why) {
            super(why);
        }
    }

    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Figure> figures = new ArrayList<>();
    private final List<Goal> goals = new ArrayList<>();

    synchronized void problem(String text) {
        problems.add(text);
    }

    synchronized void note(String text) {
        notes.add(text);
    }

    synchronized void figure(Figure figure) {
        figures.add(figure);
    }

    synchronized void goal(Goal goal) {
        goals.add(goal);
    }

    /** The stage as it ended; a problem makes it a failure. */
    synchronized StageResult result(String name, boolean leftOut, double seconds, double limit) {
        StageResult.Status status = leftOut ? StageResult.Status.LEFT_OUT : problems.isEmpty() ? StageResult.Status.PASSED : StageResult.Status.FAILED;
        return new StageResult(name, status, seconds, limit, List.copyOf(problems), List.copyOf(notes), List.copyOf(figures), List.copyOf(goals));
    }
}
