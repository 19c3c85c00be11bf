package org.primer4j.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.files.AtomicFile;
import org.primer4j.prediction.Predictor;
import org.primer4j.training.TextChoice;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Answers the lines of a file with a tuned adapter. */
@CommandLine.Command(name = "predict", description = "Answer each line of a file with a tuned adapter: prints input<TAB>prediction.")
final class PredictCommand extends Command {

    /** Lines read before the first of them is answered. */
    private static final int LINES = 128;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "An adapter's folder, as DIR/adapters/... of 'tune'.")
    private Path adapter;

    @Option(names = "--input", paramLabel = "FILE|-", required = true,
        description = "One input a line; of a TSV the first column; - for standard input, answered as it comes.")
    private String input;

    @Option(names = "--output", paramLabel = "FILE", description = "Write there instead of to standard output.")
    private Path output;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "2048", description = "Room for one part of a batch (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Mixin
    private DownloadOptions downloadOptions;
    @Mixin
    private WeightOptions weightOptions;
    @Mixin
    private DeviceOptions deviceOptions;

    @Override
    public Integer call() {
        Valid.between("--max-tokens", maxTokens, 1, TextChoice.MOST_TOKENS);
        Device device = weightOptions.on(deviceOptions.device(console()));
        requireFolder();
        downloadOptions.fetchBase(adapter, console());
        try (LineInput lines = LineInput.open(input); Predictor predictor = Predictor.open(adapter, maxTokens, device)) {
            if (output == null) {
                answer(predictor, lines, line -> console().print(line));
            } else {
                AtomicFile.write(output, channel -> {
                    Writer writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
                    answer(predictor, lines, line -> write(writer, line));
                    writer.flush();
                });
            }
        }
        return ExitStatus.DONE;
    }

    private void requireFolder() {
        if (output != null && Files.isDirectory(output)) {
            throw new BadInputException("--output " + output + ": found a folder; expected a file in a folder you may write to.");
        }
        if (output != null && !Files.isDirectory(output.toAbsolutePath().getParent())) {
            throw new BadInputException("--output " + output + ": its folder does not exist; expected a file in a folder you may write to.");
        }
    }

    private String line(String text, String label) {
        if (!json) {
            return row(text, label);
        }
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("input", text);
        fields.put("prediction", label);
        return Console.line(fields);
    }

    /** A line of the TSV: a tab or line break of an answer that a model wrote becomes a space. */
    static String row(String text, String label) {
        return text + "\t" + label.replaceAll("\\R|[\t\\v]", " ") + "\n";
    }

    private static void write(Writer writer, String line) {
        try {
            writer.write(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(Predictor predictor, LineInput lines, Consumer<String> result) {
        for (List<String> texts = texts(lines); !texts.isEmpty(); texts = texts(lines)) {
            List<String> labels = predictor.predict(texts, lines.name(), lines.lines() - texts.size() + 1);
            for (int i = 0; i < texts.size(); i++) {
                result.accept(line(texts.get(i), labels.get(i)));
            }
            console().requireWritten();
        }
    }

    private static List<String> texts(LineInput lines) {
        return lines.next(LINES, line -> line.split("\t", 2)[0]);
    }
}
