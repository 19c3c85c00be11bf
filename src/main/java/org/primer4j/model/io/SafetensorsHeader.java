package org.primer4j.model.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * The JSON header of a safetensors file, read as a stream: {@code {"__metadata__":{..}, "name":{"dtype","shape",
 * "data_offsets"}, ..}}. The tensors must tile the data without holes, as the format asks.
 */
final class SafetensorsHeader {

    /** More than any model has; bounds what a hostile header makes us hold (about 200 bytes an entry). */
    private static final int MAX_ENTRIES = 200_000;
    private static final int MAX_AXES = 16;
    private static final String METADATA = "__metadata__";
    /** Stands for the outermost braces in messages. */
    private static final String HEADER = "the header";
    private static final JsonFactory JSON = JsonFactory.builder()
            // The names are all different: a table of those seen would only cost memory.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).build())
            .build();

    final Map<String, TensorInfo> tensors;
    final Map<String, String> metadata;

    private SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads and checks a header.
     *
     * @param file      named in errors
     * @param json      gives exactly the header's bytes
     * @param dataBytes bytes in the file after the header
     */
    static SafetensorsHeader read(Path file, InputStream json, long dataBytes) throws IOException {
        // Jackson guesses UTF-16 and UTF-32 from bytes; the format is UTF-8, and the strict decoder says where it is not.
        Reader text = new InputStreamReader(json, StandardCharsets.UTF_8.newDecoder());
        try (JsonParser parser = JSON.createParser(text)) {
            SafetensorsHeader header = new Parsing(file, parser).header();
            checkTiling(file, header.tensors, dataBytes);
            return header;
        } catch (CharacterCodingException e) {
            throw new BadInputException(file + ": the header is not UTF-8, so this is not a safetensors file.", e);
        } catch (JsonProcessingException e) {
            throw new BadInputException(file + ": the header is not the JSON of a safetensors file: "
                    + oneLine(e.getOriginalMessage()) + at(e.getLocation()) + ".", e);
        }
    }

    private static String at(JsonLocation location) {
        return location == null ? "" : " (character " + location.getCharOffset() + " of the header)";
    }

    private static String oneLine(String message) {
        return Text.shorten(message.lines().findFirst().orElse("unreadable"));
    }

    private static void checkTiling(Path file, Map<String, TensorInfo> tensors, long dataBytes) {
        List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
        byOffset.sort((a, b) -> a.begin() != b.begin() ? Long.compare(a.begin(), b.begin()) : Long.compare(a.end(), b.end()));
        long expected = 0;
        for (TensorInfo info : byOffset) {
            if (info.end() > dataBytes) {
                throw bad(file, info.name(), "its data_offsets end at " + info.end() + " but the file holds only "
                        + dataBytes + " bytes of data; it is truncated or its header is wrong");
            }
            if (info.begin() != expected) {
                throw bad(file, info.name(), "its data_offsets begin at " + info.begin() + " but the tensor before ends at "
                        + expected + "; tensors must neither overlap nor leave holes");
            }
            expected = info.end();
        }
        if (expected != dataBytes) {
            throw new BadInputException(file + ": the tensors end at byte " + expected + " of the data but the file holds "
                    + dataBytes + " bytes of data.");
        }
    }

    private static BadInputException bad(Path file, String tensor, String sentence) {
        return new BadInputException(file + ": " + tensor(tensor) + ": " + sentence + ".");
    }

    private static String place(String key) {
        return key.equals(HEADER) || key.equals(METADATA) ? key : tensor(key);
    }

    private static String tensor(String name) {
        return "tensor '" + Text.shorten(name) + "'";
    }

    /** One pass over the JSON. */
    private record Parsing(Path file, JsonParser parser) {

        SafetensorsHeader header() throws IOException {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = null;
            expect(parser.nextToken(), JsonToken.START_OBJECT, HEADER);
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (name.equals(METADATA)) {
                    requireFirst(metadata == null, HEADER, name);
                    metadata = readMetadata();
                } else {
                    requireFirst(tensors.put(name, readTensor(name)) == null, HEADER, name);
                }
                requireFew(tensors.size(), HEADER);
            }
            if (parser.nextToken() != null) {
                throw new BadInputException(file + ": found text after the header's closing brace; expected spaces only.");
            }
            return new SafetensorsHeader(tensors, metadata == null ? Map.of() : metadata);
        }

        private Map<String, String> readMetadata() throws IOException {
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(parser.nextToken(), JsonToken.START_OBJECT, METADATA);
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                expect(parser.nextToken(), JsonToken.VALUE_STRING, METADATA);
                requireFirst(metadata.put(key, parser.getText()) == null, METADATA, key);
                requireFew(metadata.size(), METADATA);
            }
            return metadata;
        }

        private TensorInfo readTensor(String name) throws IOException {
            expect(parser.nextToken(), JsonToken.START_OBJECT, name);
            DType dtype = null;
            long[] shape = null;
            long[] offsets = null;
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                switch (key) {
                    case "dtype" -> {
                        requireFirst(dtype == null, name, key);
                        dtype = readDType(name);
                    }
                    case "shape" -> {
                        requireFirst(shape == null, name, key);
                        shape = readLongs(name, key);
                    }
                    case "data_offsets" -> {
                        requireFirst(offsets == null, name, key);
                        offsets = readLongs(name, key);
                    }
                    default -> throw bad(file, name, "found the unknown key '" + Text.shorten(key)
                            + "'; expected dtype, shape and data_offsets");
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw bad(file, name, "dtype, shape or data_offsets is missing");
            }
            return checked(name, dtype, shape, offsets);
        }

        private DType readDType(String name) throws IOException {
            expect(parser.nextToken(), JsonToken.VALUE_STRING, name);
            String found = parser.getText();
            for (DType dtype : DType.values()) {
                if (dtype.name().equals(found)) {
                    return dtype;
                }
            }
            throw bad(file, name, "found the unknown dtype '" + Text.shorten(found) + "'; expected F32 or another of "
                    + List.of(DType.values()));
        }

        private long[] readLongs(String name, String key) throws IOException {
            expect(parser.nextToken(), JsonToken.START_ARRAY, name);
            long[] values = new long[MAX_AXES];
            int count = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, name);
                if (count == MAX_AXES) {
                    throw bad(file, name, "its " + key + " has more than " + MAX_AXES + " numbers");
                }
                values[count++] = readSize(name, key);
            }
            return Arrays.copyOf(values, count);
        }

        private long readSize(String name, String key) throws IOException {
            if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 0) {
                throw bad(file, name, "found " + Text.shorten(parser.getText()) + " in its " + key
                        + "; expected a whole number from 0 to 2^63-1");
            }
            return parser.getLongValue();
        }

        private TensorInfo checked(String name, DType dtype, long[] shape, long[] offsets) {
            if (offsets.length != 2 || offsets[0] > offsets[1]) {
                throw bad(file, name, "found data_offsets " + Arrays.toString(offsets)
                        + "; expected [begin, end] with begin <= end");
            }
            long expected = byteSize(name, dtype, shape);
            if (offsets[1] - offsets[0] != expected) {
                throw bad(file, name, "its data_offsets span " + (offsets[1] - offsets[0]) + " bytes but " + dtype
                        + " of shape " + Arrays.toString(shape) + " needs " + expected);
            }
            return new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
        }

        private long byteSize(String name, DType dtype, long[] shape) {
            try {
                long bytes = dtype.bytes();
                for (long axis : shape) {
                    bytes = Math.multiplyExact(bytes, axis);
                }
                return bytes;
            } catch (ArithmeticException e) {
                throw new BadInputException(file + ": " + tensor(name) + ": the shape " + Arrays.toString(shape)
                        + " has more than 2^63-1 bytes.", e);
            }
        }

        private void requireFew(int entries, String place) {
            if (entries > MAX_ENTRIES) {
                throw new BadInputException(file + ": " + place + ": found more than " + MAX_ENTRIES + " entries, which no model has.");
            }
        }

        /** Our maps know already; Jackson's own detection would keep another hash set per object. */
        private void requireFirst(boolean first, String place, String key) {
            if (!first) {
                throw new BadInputException(file + ": " + place(place) + ": found the duplicate key '" + Text.shorten(key)
                        + "'; expected each key once.");
            }
        }

        private void expect(JsonToken found, JsonToken expected, String key) {
            if (found != expected) {
                throw new BadInputException(file + ": " + place(key) + ": found " + (found == null ? "the end of the header" : found)
                        + "; expected " + expected + ".");
            }
        }
    }
}
