package org.primer4j.priming;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.primer4j.BadInputException;
import org.primer4j.model.Adaptation;
import org.primer4j.objective.TaskRow;
import org.primer4j.peft.FullTuning;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PromptTuning;
import org.primer4j.training.Learner;
import org.primer4j.training.TaskData;

/** Whether recipe, method and tasks go together; each refusal is one sentence. */
final class Fit {

    private Fit() {}

    static void requireMethod(Recipe recipe, PeftMethod method) {
        if (recipe.involvesPeft() && method == null) {
            throw new BadInputException("Priming with " + recipe.algorithm().text() + " moves PEFT parameters (tune " + recipe.tune().text()
                + (recipe.inner() == null ? "" : ", inner " + recipe.inner().text()) + ") and no method was given; expected one, such as lora.");
        }
        if (method instanceof FullTuning) {
            throw new BadInputException("The method 'full' moves the PLM itself; expected tune plm, or a method of parameter-efficient tuning.");
        }
        if (recipe.algorithm() == Algorithm.ANIL && recipe.inner() == Tunables.PEFT && method instanceof PromptTuning) {
            throw new BadInputException("ANIL's inner loop moves the last layer only, and the parameters of the method " + method.methodName()
                + " stand before the first; expected another method, or maml.");
        }
        if (recipe.algorithm().isMeta() && recipe.involvesPeft() && method.dropout() > 0) {
            throw new BadInputException("Meta-learning is exact only without dropout, and the method " + method.methodName() + " has a dropout of "
                + method.dropout() + "; expected 0 (--lora-dropout).");
        }
    }

    static void requireTasksPerStep(Recipe recipe, int trainTasks) {
        if (recipe.algorithm().isMeta() && trainTasks < recipe.outer().batch()) {
            throw new BadInputException("Each step takes " + recipe.outer().batch() + " different tasks, and there are " + trainTasks
                + "; expected tasks a step (--tasks-per-step, in a file tasks-per-step) of at most that.");
        }
    }

    static void requireTasks(Recipe recipe, List<? extends TaskData<?>> trainTasks, List<? extends TaskData<?>> devTasks) {
        Set<String> train = names(trainTasks);
        if (train.isEmpty()) {
            throw new BadInputException("There is no task to prime on; expected at least one.");
        }
        List<String> both = names(devTasks).stream().filter(train::contains).sorted().toList();
        if (!both.isEmpty()) {
            throw new BadInputException("The tasks " + String.join(", ", both) + " are both train and dev tasks; expected dev tasks that priming has not seen.");
        }
        requireTasksPerStep(recipe, train.size());
        trainTasks.forEach(task -> requireRows(task, "train", task.train().size()));
        if (recipe.algorithm().isMeta() && recipe.algorithm().hasOuterGradient()) {
            trainTasks.forEach(task -> requireRows(task, "dev", task.dev().size()));
        }
        devTasks.forEach(task -> requireRows(task, "train", task.train().size()));
        devTasks.forEach(task -> requireRows(task, "dev", task.dev().size()));
    }

    /** Rows that are longer than the room for a part are refused before the first step, and not when one comes up. */
    static <E extends TaskRow> void requireRoom(Recipe recipe, Learner<E> learner, PeftMethod method, List<TaskData<E>> trainTasks) {
        Adaptation beside = recipe.involvesPeft() ? method : Adaptation.frozen();
        boolean queried = recipe.algorithm().isMeta() && recipe.algorithm().hasOuterGradient();
        trainTasks.forEach(task -> requireRoom(learner, beside, task, queried));
    }

    /** As for train tasks, of the dev tasks that a method is tuned on. */
    static <E extends TaskRow> void requireRoom(Learner<E> learner, PeftMethod method, List<TaskData<E>> devTasks) {
        devTasks.forEach(task -> requireRoom(learner, method, task, true));
    }

    private static <E extends TaskRow> void requireRoom(Learner<E> learner, Adaptation method, TaskData<E> task, boolean readsDev) {
        Stream<E> rows = Stream.concat(task.train().stream(), readsDev ? task.dev().stream() : Stream.empty());
        rows.filter(row -> !learner.fits(row, method, 1)).findFirst().ifPresent(row -> {
            throw new BadInputException("Task " + task.info().name() + ", sample " + task.sample() + " has a row of " + row.tokens()
                + " tokens (its candidates included, virtual tokens not), longer than the room for one part of a batch; raise --max-tokens or lower"
                + " --max-length.");
        });
    }

    /** Whether every row that the inner loop learns from fits in a share of the room. */
    static <E extends TaskRow> boolean hasRoom(Learner<E> learner, Adaptation method, List<TaskData<E>> trainTasks, double share) {
        return trainTasks.stream().flatMap(task -> task.train().stream()).allMatch(row -> learner.fits(row, method, share));
    }

    private static void requireRows(TaskData<?> task, String part, int rows) {
        if (rows == 0) {
            throw new BadInputException("Task " + task.info().name() + ", sample " + task.sample() + " has no " + part + " rows; expected at least one.");
        }
    }

    private static Set<String> names(List<? extends TaskData<?>> tasks) {
        return tasks.stream().map(task -> task.info().name()).collect(Collectors.toSet());
    }
}
