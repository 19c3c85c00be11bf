package org.primer4j.gym;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/** Reads a gym's {@code tasks.tsv}: a header that names the columns, of which task, type and metric are used. */
final class TaskTable {

    private final Path file;
    private final List<String> header;

    private TaskTable(Path file, List<String> header) {
        this.file = file;
        this.header = header;
    }

    /**
     * The tasks by name, in the file's order.
     *
     * @throws BadInputException if a column is missing, a line is too short, or a task appears twice
     */
    static Map<String, TaskInfo> read(Path file) {
        List<String> lines = TextFile.lines(file);
        TaskTable table = new TaskTable(file, List.of(lines.get(0).split("\t", -1)));
        Map<String, TaskInfo> tasks = new LinkedHashMap<>();
        for (int i = 1; i < lines.size(); i++) {
            TaskInfo task = table.parse(i + 1, lines.get(i));
            if (tasks.putIfAbsent(task.name(), task) != null) {
                throw new BadInputException(file + ":" + (i + 1) + ": the task " + task.name() + " is listed twice; remove one line.");
            }
        }
        return tasks;
    }

    private TaskInfo parse(int line, String text) {
        String[] fields = text.split("\t", -1);
        String name = field(fields, line, "task");
        if (!name.matches("[\\w.+-]+")) {
            throw new BadInputException(file + ":" + line + ": '" + name + "' is no task name; expected letters, digits and _ . + - only.");
        }
        return new TaskInfo(name, TaskType.named(field(fields, line, "type"), file + ":" + line), field(fields, line, "metric"));
    }

    private String field(String[] fields, int line, String column) {
        int index = header.indexOf(column);
        if (index < 0) {
            throw new BadInputException(file + ":1: found no column '" + column + "'; expected task, type and metric in the first line.");
        }
        if (index >= fields.length || fields[index].isBlank()) {
            throw new BadInputException(file + ":" + line + ": the column '" + column + "' is empty; expected a value.");
        }
        return fields[index];
    }
}
