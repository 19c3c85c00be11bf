package org.primer4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.primer4j.BadInputException;

/**
 * Lines of a file or of standard input, read as they are needed. From a pipe no more are waited for than one, so that lines
 * are answered as they come. As in a gym's files only "\n" and "\r\n" end a line, and a byte order mark is no text.
 */
final class LineInput implements AutoCloseable {

    static final String STDIN = "-";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String name;
    private final BufferedReader reader;
    private long lines;
    private boolean blank;

    private LineInput(String name, BufferedReader reader) {
        this.name = name;
        this.reader = reader;
    }

    /**
     * Opens the value of {@code --input}: a file, or - for standard input.
     *
     * @throws BadInputException when there is no such file
     */
    static LineInput open(String input) {
        if (input.equals(STDIN)) {
            // A decoder of its own reports what is no UTF-8 instead of replacing it.
            return new LineInput("standard input", new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder())));
        }
        try {
            Path file = Path.of(input);
            if (!Files.exists(file) || Files.isDirectory(file)) {
                throw new BadInputException("--input " + input + ": there is no such file; expected one input a line.");
            }
            return new LineInput(input, Files.newBufferedReader(file));
        } catch (IOException | InvalidPathException e) {
            throw new BadInputException("--input " + input + ": cannot be read (" + e.getMessage() + "); expected one input a line.", e);
        }
    }

    /** For messages. */
    String name() {
        return name;
    }

    /** Number of the last line read, from 1. */
    long lines() {
        return lines;
    }

    /** The next lines: at least one, at most {@code most}; none at the end. */
    List<String> next(int most) {
        return next(most, UnaryOperator.identity());
    }

    /**
     * As {@link #next(int)}, of each line what is wanted. Lines before a blank one are given first.
     *
     * @throws BadInputException when the first of them is blank, or a line is no UTF-8
     */
    List<String> next(int most, UnaryOperator<String> wanted) {
        List<String> next = new ArrayList<>();
        try {
            while (!blank && next.size() < most && (next.isEmpty() || reader.ready())) {
                String line = readLine();
                if (line == null) {
                    break;
                }
                String text = wanted.apply(line);
                blank = text.isBlank();
                if (!blank) {
                    lines++;
                    next.add(text);
                }
            }
        } catch (CharacterCodingException e) {
            throw new BadInputException("--input " + name + ": found bytes that are not UTF-8 behind line " + lines + "; expected UTF-8 text.", e);
        } catch (IOException e) {
            throw new BadInputException("--input " + name + ": cannot be read (" + e.getMessage() + "); expected one input a line.", e);
        }
        if (blank && next.isEmpty()) {
            throw new BadInputException(name + ":" + (lines + 1) + ": the input is empty; expected one input a line.");
        }
        return next;
    }

    // Null at the end.
    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        int read = reader.read();
        if (read < 0) {
            return null;
        }
        for (; read >= 0 && read != '\n'; read = reader.read()) {
            line.append((char) read);
        }
        int end = line.length() - 1;
        if (end >= 0 && line.charAt(end) == '\r') {
            line.deleteCharAt(end);
        }
        return lines == 0 && line.indexOf(BYTE_ORDER_MARK) == 0 ? line.substring(1) : line.toString();
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new BadInputException("--input " + name + ": cannot be closed (" + e.getMessage() + ").", e);
        }
    }
}
