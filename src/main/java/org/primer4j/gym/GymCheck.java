package org.primer4j.gym;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.BadInputException;

/**
 * The result of reading a whole gym.
 *
 * @param tasks    tasks found
 * @param samples  samples (task and seed) read without a problem
 * @param examples rows in these samples, files shared by several seeds counted each time
 * @param problems one sentence for everything that cannot be used; empty for a sound gym
 */
public record GymCheck(int tasks, int samples, long examples, List<String> problems) {

    public GymCheck {
        problems = List.copyOf(problems);
    }

    /** Reads every sample of every task; what cannot be read becomes a problem, not an exception. */
    public static GymCheck of(Gym gym) {
        Tally tally = new Tally();
        for (String task : gym.names()) {
            tally.attempt(() -> gym.info(task).metric());
            tally.attempt(() -> gym.seeds(task).forEach(seed -> tally.attempt(() -> tally.count(gym.read(task, seed)))));
        }
        return new GymCheck(gym.names().size(), tally.samples, tally.examples, tally.problems);
    }

    private static final class Tally {
        private final List<String> problems = new ArrayList<>();
        private int samples;
        private long examples;

        void attempt(Runnable reading) {
            try {
                reading.run();
            } catch (BadInputException e) {
                // The same fault may be met twice, as a task's and as its sample's.
                if (!problems.contains(e.getMessage())) {
                    problems.add(e.getMessage());
                }
            }
        }

        void count(TaskSample sample) {
            samples++;
            examples += sample.train().size() + sample.dev().size() + sample.test().size();
        }
    }
}
