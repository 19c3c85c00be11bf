package org.primer4j.gym;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.primer4j.BadInputException;

/** Strict reading of small UTF-8 files, line by line. */
final class TextFile {

    private TextFile() {
    }

    /**
     * All lines, without line ends ("\n" or "\r\n") and without a byte order mark. Only "\n" ends a line: real texts
     * contain U+2028 and lone "\r".
     *
     * @throws BadInputException if the file is missing, unreadable, empty or not UTF-8
     */
    static List<String> lines(Path file) {
        String text = decode(file, bytes(file));
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        if (content.isBlank()) {
            throw new BadInputException(file + ": the file is empty; expected at least one line.");
        }
        String[] lines = content.split("\n", -1);
        int count = content.endsWith("\n") ? lines.length - 1 : lines.length;
        return Arrays.stream(lines, 0, count).map(TextFile::withoutCarriageReturn).toList();
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file.", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": the file cannot be read (" + e.getMessage() + "); expected a readable text file.", e);
        }
    }

    private static String decode(Path file, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        } catch (CharacterCodingException e) {
            throw new BadInputException(file + ":" + lineAt(bytes, buffer.position())
                    + ": the bytes are not UTF-8; save the file as UTF-8.", e);
        }
    }

    private static int lineAt(byte[] bytes, int position) {
        int line = 1;
        for (int i = 0; i < position; i++) {
            line += bytes[i] == '\n' ? 1 : 0;
        }
        return line;
    }

    private static String withoutCarriageReturn(String line) {
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
}
