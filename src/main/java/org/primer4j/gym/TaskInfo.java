package org.primer4j.gym;

/**
 * What is known of a task before its examples are read.
 *
 * @param name       the task's folder
 * @param type       where its candidate outputs come from
 * @param metricName CrossFit's name of the metric, as the gym's table gives it
 */
public record TaskInfo(String name, TaskType type, String metricName) {

    /**
     * The metric that scores this task.
     *
     * @throws org.primer4j.BadInputException if there is no such metric; the sentence names task and metric
     */
    public Metric metric() {
        return Metric.named(metricName, "task " + name);
    }
}
