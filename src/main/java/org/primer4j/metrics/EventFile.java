package org.primer4j.metrics;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.primer4j.files.AtomicFile;

/**
 * Writes one series as a TensorBoard event file: records of the protocol buffer Event with scalar summaries, tagged by the
 * values' names. Field numbers are those of tensorflow/core/util/event.proto and core/framework/summary.proto. The wall
 * time of all events is 0: the same series is the same bytes; TensorBoard shows it by step.
 */
final class EventFile {

    private static final String VERSION = "brain.Event:2";
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE_VALUE = 2;

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private EventFile() {
    }

    /** @throws org.primer4j.BadInputException if it cannot be written */
    static void write(Path file, List<MetricPoint> points) {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(points));
        AtomicFile.write(file, channel -> AtomicFile.writeFully(channel, bytes));
    }

    private static byte[] bytes(List<MetricPoint> points) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        records.writeBytes(TfRecords.record(event(out -> out.writeString(EVENT_FILE_VERSION, VERSION))));
        points.forEach(point -> records.writeBytes(TfRecords.record(event(point))));
        return records.toByteArray();
    }

    private static byte[] event(MetricPoint point) {
        return event(out -> {
            out.writeInt64(EVENT_STEP, point.step());
            out.writeByteArray(EVENT_SUMMARY, message(summary -> {
                for (Map.Entry<String, Double> value : point.values().entrySet()) {
                    summary.writeByteArray(SUMMARY_VALUE, value(value.getKey(), value.getValue()));
                }
            }));
        });
    }

    private static byte[] event(Fields what) {
        return message(out -> {
            out.writeDouble(EVENT_WALL_TIME, 0);
            what.write(out);
        });
    }

    private static byte[] value(String tag, double value) {
        return message(out -> {
            out.writeString(VALUE_TAG, tag);
            out.writeFloat(VALUE_SIMPLE_VALUE, (float) value);
        });
    }

    private static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
        return bytes.toByteArray();
    }
}
