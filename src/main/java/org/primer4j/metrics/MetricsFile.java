package org.primer4j.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.files.AtomicFile;

/** Writes {@code metrics.jsonl}: one JSON object a line and step, with what names the series and then its values. */
public final class MetricsFile {

    private static final JsonMapper JSON = new JsonMapper();

    private MetricsFile() {
    }

    /**
     * Writes {@code file} whole or not at all.
     *
     * @throws org.primer4j.BadInputException if it cannot be written
     */
    public static void write(Path file, List<MetricSeries> series) {
        AtomicFile.write(file, channel -> {
            // Not closed: the channel is the file's.
            Writer lines = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            for (MetricSeries one : series) {
                for (MetricPoint point : one.points()) {
                    lines.append(line(one, point)).append('\n');
                }
            }
            lines.flush();
        });
    }

    private static String line(MetricSeries series, MetricPoint point) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("phase", series.phase());
        fields.put("recipe", series.recipe());
        fields.put("method", series.method());
        fields.put("task", series.task());
        fields.put("sample", series.sample());
        fields.values().removeIf(value -> value == null);
        fields.put("step", point.step());
        fields.putAll(point.values());
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException("text and numbers did not serialise", impossible);
        }
    }
}
