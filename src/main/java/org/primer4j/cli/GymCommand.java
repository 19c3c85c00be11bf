package org.primer4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.primer4j.gym.Gym;
import org.primer4j.gym.GymCheck;
import org.primer4j.gym.TaskSummary;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Looks at gyms, and makes some. */
@CommandLine.Command(name = "gym", description = "List or check a folder of tasks, or write one to try things on.", synopsisSubcommandLabel = "COMMAND",
    subcommands = {GymCommand.ListTasks.class, GymCommand.Check.class, GymDemoCommand.class})
final class GymCommand extends Command {

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "No command is given; expected gym list, gym check or gym demo.");
    }

    /** One line for each task. */
    @CommandLine.Command(name = "list", description = "The tasks with type, metric, samples and sizes.")
    static final class ListTasks extends Command {

        private static final String ROW = "%-44s %-16s %-20s %6s %6s %6s %6s  %s%n";

        @Parameters(paramLabel = "DIR", description = "The gym.")
        private Path folder;

        @Override
        public Integer call() {
            Gym gym = Gym.open(folder);
            if (!json) {
                console().print(ROW.formatted("task", "type", "metric", "labels", "train", "dev", "test", "samples"));
            }
            gym.names().forEach(task -> print(TaskSummary.of(gym, task)));
            return ExitStatus.DONE;
        }

        private void print(TaskSummary task) {
            String type = task.info().type().name().toLowerCase(Locale.ROOT);
            if (!json) {
                console().print(ROW.formatted(task.info().name(), type, task.info().metricName(), task.labels() == 0 ? "-" : task.labels(),
                    task.train(), task.dev(), task.test(), task.seeds()));
                return;
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("task", task.info().name());
            fields.put("type", type);
            fields.put("metric", task.info().metricName());
            fields.put("labels", task.labels());
            fields.put("train", task.train());
            fields.put("dev", task.dev());
            fields.put("test", task.test());
            fields.put("samples", task.seeds());
            console().json(fields);
        }
    }

    /** Reads everything and says what is wrong. */
    @CommandLine.Command(name = "check", description = "Read every file; exit status 1 if anything cannot be used.")
    static final class Check extends Command {

        @Parameters(paramLabel = "DIR", description = "The gym.")
        private Path folder;

        @Override
        public Integer call() {
            GymCheck check = GymCheck.of(Gym.open(folder));
            if (json) {
                console().json(Map.of("tasks", check.tasks(), "samples", check.samples(), "examples", check.examples(), "problems", check.problems()));
            } else {
                check.problems().forEach(problem -> console().print(problem + "\n"));
                console().print("%d tasks, %d samples, %d examples, %d problems%n".formatted(check.tasks(), check.samples(), check.examples(),
                    check.problems().size()));
            }
            return check.problems().isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
        }
    }
}
