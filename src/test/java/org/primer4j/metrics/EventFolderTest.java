package org.primer4j.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.BadInputException;

class EventFolderTest {

    private static final int MASK_DELTA = 0xa282ead8;

    @TempDir
    private Path folder;

    private record Scalar(long step, String tag, float value) {
    }

    private static MetricSeries series(String recipe, String task, MetricPoint... points) {
        return new MetricSeries("tuning", recipe, "lora", task, 13, List.of(points));
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        MetricPoint first = new MetricPoint(0, Map.of("loss", 1.5));
        MetricPoint last = new MetricPoint(300, new TreeMap<>(Map.of("dev", -0.25, "loss", 1e-3)));
        EventFolder.write(folder, List.of(series("mtl", "trec", first, last)));
        List<byte[]> records = records(Files.readAllBytes(folder.resolve("tuning/mtl/lora/trec/13/events.out.tfevents.0.primer")));
        assertEquals("brain.Event:2", version(records.get(0)));
        assertEquals(List.of(new Scalar(0, "loss", 1.5f), new Scalar(300, "dev", -0.25f), new Scalar(300, "loss", 1e-3f)),
            Stream.concat(scalars(records.get(1)).stream(), scalars(records.get(2)).stream()).toList());
        assertEquals(3, records.size());
    }

    @Test
    void aNameThatIsNoFileNameGetsAFolderToo() throws IOException {
        String task = "\u4efb\u52a1".repeat(40);
        EventFolder.write(folder, List.of(series("mtl", task), series("mtl", task + "2")));
        try (Stream<Path> tasks = Files.list(folder.resolve("tuning/mtl/lora"))) {
            assertEquals(2, tasks.count());
        }
    }

    /** The first record that TensorFlow writes has 24 bytes too, so begins with the same 12. */
    @Test
    void beginsAsTensorFlowsFiles() throws IOException {
        EventFolder.write(folder, List.of(series("mtl", "trec")));
        byte[] bytes = Files.readAllBytes(folder.resolve("tuning/mtl/lora/trec/13/events.out.tfevents.0.primer"));
        ByteBuffer start = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(24, start.getLong());
        assertArrayEquals(new byte[] {(byte) 0xa3, 0x7f, 0x4b, 0x22, 0x09}, Arrays.copyOfRange(bytes, 8, 13));
    }

    /** CRC-32C of "123456789" is e3069283 (RFC 3720's polynomial; the check value of CRC catalogues). */
    @Test
    void masksTheKnownCheckValue() {
        int crc = 0xe3069283;
        assertEquals(((crc >>> 15) | (crc << 17)) + MASK_DELTA, TfRecords.maskedCrc("123456789".getBytes(StandardCharsets.US_ASCII), 9));
    }

    @Test
    void namesStayWithinTheFolderAndApart() throws IOException {
        EventFolder.write(folder.resolve("runs"), List.of(series("..", "../../x"), series("a/b", "c"), series("a%2Fb", "c"), series("a", "."),
            new MetricSeries("priming", "a", null, null, null, List.of())));
        try (Stream<Path> files = Files.walk(folder)) {
            assertEquals(5, files.filter(Files::isRegularFile).filter(file -> file.startsWith(folder.resolve("runs"))).count());
        }
        try (Stream<Path> entries = Files.list(folder)) {
            assertEquals(1, entries.count());
        }
    }

    @Test
    void saysWhereItCannotWrite() throws IOException {
        Path file = Files.createFile(folder.resolve("taken"));
        String sentence = assertThrows(BadInputException.class, () -> EventFolder.write(file, List.of(series("mtl", "a")))).getMessage();
        assertTrue(sentence.contains("cannot be made") && sentence.contains("expected"), sentence);
    }

    @Test
    void metricsAreOneObjectALine() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        MetricsFile.write(file, List.of(series("mtl", "a \"quoted\"\n", new MetricPoint(5, Map.of("loss", 0.5))),
            new MetricSeries("priming", "mtl", null, null, null, List.of(new MetricPoint(7, Map.of("dev", 1.0))))));
        assertEquals("""
            {"phase":"tuning","recipe":"mtl","method":"lora","task":"a \\"quoted\\"\\n","sample":13,"step":5,"loss":0.5}
            {"phase":"priming","recipe":"mtl","step":7,"dev":1.0}
            """, Files.readString(file));
    }

    @Test
    void refusesValuesThatAreNoNumbers() {
        assertThrows(IllegalArgumentException.class, () -> new MetricPoint(1, Map.of("loss", Double.NaN)));
    }

    private static List<byte[]> records(byte[] file) {
        List<byte[]> records = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            byte[] length = new byte[Long.BYTES];
            bytes.get(length);
            assertEquals(crc(length), bytes.getInt());
            byte[] data = new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
            bytes.get(data);
            assertEquals(crc(data), bytes.getInt());
            records.add(data);
        }
        return records;
    }

    /** Bit by bit, apart from the JDK's. */
    private static int crc(byte[] data) {
        int crc = ~0;
        for (byte next : data) {
            crc ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 1 ? 0x82f63b78 : 0);
            }
        }
        crc = ~crc;
        return ((crc >>> 15) | (crc << 17)) + MASK_DELTA;
    }

    private static String version(byte[] event) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(event);
        assertEquals(1, WireFormat.getTagFieldNumber(in.readTag()));
        in.readDouble();
        assertEquals(3, WireFormat.getTagFieldNumber(in.readTag()));
        return in.readString();
    }

    private static List<Scalar> scalars(byte[] event) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(event);
        List<Scalar> scalars = new ArrayList<>();
        long step = -1;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> assertEquals(0, in.readDouble());
                case 2 -> step = in.readInt64();
                case 5 -> scalars.addAll(values(step, CodedInputStream.newInstance(in.readByteArray())));
                default -> throw new AssertionError("field " + tag);
            }
        }
        return scalars;
    }

    private static List<Scalar> values(long step, CodedInputStream summary) throws IOException {
        List<Scalar> scalars = new ArrayList<>();
        for (int tag = summary.readTag(); tag != 0; tag = summary.readTag()) {
            assertEquals(1, WireFormat.getTagFieldNumber(tag));
            CodedInputStream value = CodedInputStream.newInstance(summary.readByteArray());
            assertEquals(1, WireFormat.getTagFieldNumber(value.readTag()));
            String name = value.readString();
            assertEquals(2, WireFormat.getTagFieldNumber(value.readTag()));
            scalars.add(new Scalar(step, name, value.readFloat()));
        }
        return scalars;
    }
}
