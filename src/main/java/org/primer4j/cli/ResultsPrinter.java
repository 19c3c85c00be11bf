package org.primer4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.experiment.Arg;
import org.primer4j.experiment.Results;
import org.primer4j.experiment.RunResult;
import org.primer4j.experiment.Summary;
import org.primer4j.experiment.TaskRow;
import org.primer4j.experiment.TextTable;
import org.primer4j.experiment.VariantSummary;

/** Prints results: a table, or a JSON line for each run and each variant. */
final class ResultsPrinter {

    private ResultsPrinter() {
    }

    static void print(Results results, Console console, boolean json) {
        Summary summary = Summary.of(results);
        if (json) {
            results.runs().forEach(run -> console.json(fields(run)));
            summary.variants().forEach(variant -> console.json(fields(variant)));
        } else {
            console.print(TextTable.render(summary, console.isColoured()));
        }
    }

    private static Map<String, Object> fields(RunResult run) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", "run");
        fields.put("task", run.task());
        fields.put("metric", run.metric());
        fields.put("method", run.method());
        fields.put("objective", run.objective());
        fields.put("start", run.start());
        fields.put("sample", run.sample());
        fields.put("dev_score", run.devScore());
        fields.put("test_score", run.testScore());
        fields.put("chance", run.chance());
        fields.put("undefined", run.undefined());
        fields.put("diverged", run.diverged());
        fields.put("settings", run.settings());
        fields.put("seconds", run.seconds());
        return fields;
    }

    private static Map<String, Object> fields(VariantSummary variant) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", "summary");
        fields.put("method", variant.variant().method());
        fields.put("objective", variant.variant().objective());
        // Of a single start there are no pairs: the means are of all tasks, and gains have no value.
        boolean one = variant.oneStart();
        fields.put("tasks", one ? variant.rows().size() : variant.tasks());
        fields.put("unprimed", one ? variant.mean(TaskRow::unprimed) : variant.unprimed());
        fields.put("primed", one ? variant.mean(TaskRow::primed) : variant.primed());
        fields.put("best_unprimed", one ? variant.mean(TaskRow::bestUnprimed) : variant.bestUnprimed());
        put(fields, "arg", variant.gain());
        put(fields, "arg_over_best_unprimed", variant.gainOverBest());
        fields.put("wins", variant.wins());
        fields.put("losses", variant.losses());
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, Arg arg) {
        fields.put(name, arg.skippingUndefined());
        fields.put(name + "_low", arg.interval().low());
        fields.put(name + "_high", arg.interval().high());
        fields.put(name + "_skipped", arg.skipped());
    }
}
