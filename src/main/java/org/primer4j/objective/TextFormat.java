package org.primer4j.objective;

import org.primer4j.gym.Options;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskType;

/**
 * How a task's rows become texts.
 *
 * @param taskName whether the task's name stands before every text, so that labels such as {@code true} can mean
 *     different things in different tasks
 * @param options whether a multiple-choice input keeps its list of options
 */
public record TextFormat(boolean taskName, boolean options) {

    /** The input's text. */
    String input(TaskInfo task, String input) {
        String text = options || task.type() != TaskType.MULTIPLE_CHOICE ? input : Options.parse(input).map(Options::question).orElse(input);
        return named(task, text);
    }

    /** A candidate's text. */
    String candidate(TaskInfo task, String output) {
        return task.type() == TaskType.MULTIPLE_CHOICE ? output : named(task, output);
    }

    private String named(TaskInfo task, String text) {
        return taskName ? task.name().replaceAll("[^A-Za-z0-9]+", " ") + ": " + text : text;
    }
}
