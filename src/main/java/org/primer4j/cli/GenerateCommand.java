package org.primer4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.generation.DefaultSettings;
import org.primer4j.generation.GeneratedText;
import org.primer4j.generation.GenerationRoom;
import org.primer4j.generation.GenerationSettings;
import org.primer4j.generation.TextGenerator;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.TrainedAdapter;
import org.primer4j.training.TextChoice;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a text for each line that it reads. */
@CommandLine.Command(name = "generate", description = {"Write a text for each line of a file, or of standard input as the lines come.",
    "Line breaks within an output are printed as spaces; --json keeps them."})
final class GenerateCommand extends Command {

    /** What CrossFit and T5 read at most. */
    private static final int DEFAULT_SOURCE = 512;

    @Option(names = "--model", paramLabel = "DIR|ORG/NAME", description = "A model with encoder and decoder, as BART or T5 (default: the adapter's).")
    private String model;

    @Option(names = "--adapter", paramLabel = "DIR", description = "An adapter that was tuned on the model.")
    private Path adapterFolder;

    @Option(names = "--input", paramLabel = "FILE|-", required = true, description = "One input a line; - for standard input.")
    private String input;

    @Option(names = "--max-source-length", paramLabel = "N", description = "Longer inputs are cut at their ends to so many tokens (default: "
        + DEFAULT_SOURCE + ", or what the model can read if that is less).")
    private Integer maxSource;

    @Option(names = "--batch-size", paramLabel = "N", defaultValue = "16", description = "Inputs at once (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "4096",
        description = "Room for the tokens of the inputs at once; enlarged where one would not fit (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Mixin
    private SearchOptions search;

    @Mixin
    private DownloadOptions downloadOptions;

    @Mixin
    private WeightOptions weightOptions;

    @Mixin
    private DeviceOptions deviceOptions;

    @Override
    public Integer call() {
        Valid.atLeast("--batch-size", batch, 1);
        Valid.between("--max-tokens", maxTokens, 1, TextChoice.MOST_TOKENS);
        if (maxSource != null) {
            Valid.between("--max-source-length", maxSource, 1, TextChoice.MOST_TOKENS);
        }
        Device device = weightOptions.on(deviceOptions.device(console()));
        TrainedAdapter adapter = adapterFolder == null ? null : PeftFolder.read(adapterFolder);
        try (LineInput lines = LineInput.open(input)) {
            PretrainedModel read = read(adapter);
            Seq2SeqConfig config = read.config().asSeq2Seq();
            GenerationSettings settings = search.apply(DefaultSettings.of(config, read.generation()));
            int prompt = adapter == null ? 0 : adapter.method().promptLength();
            int shift = adapter == null ? 0 : adapter.method().positionShift("encoder");
            int longest = longest(config.maxPositions() - prompt - shift);
            GenerationRoom room = new GenerationRoom(batch, Math.max(maxTokens, Math.addExact(longest, prompt)));
            try (TextGenerator generator = TextGenerator.open(read, adapter, settings, longest, room, device)) {
                generate(generator, lines);
            }
        }
        return ExitStatus.DONE;
    }

    private int longest(int positions) {
        if (positions < 1) {
            throw new BadInputException("The virtual tokens of " + adapterFolder + " take " + (1 - positions) + " positions more than the model has"
                + " beside one token of an input; expected an adapter that was tuned on it.");
        }
        Valid.require(maxSource == null || maxSource <= positions, "--max-source-length", maxSource, "at most " + positions
            + ", the positions that the model has for an input");
        return maxSource == null ? Math.min(DEFAULT_SOURCE, positions) : maxSource;
    }

    private PretrainedModel read(TrainedAdapter adapter) {
        if (model == null && adapter == null) {
            throw new BadInputException("Neither --model nor --adapter is given; expected a model, an adapter, or both.");
        }
        ModelReference reference = new ModelReference(model == null ? adapter.baseModel() : model);
        Path folder = model == null ? adapterFolder.toAbsolutePath() : Path.of("");
        if (model == null) {
            downloadOptions.fetchBase(adapterFolder, console());
        } else {
            downloadOptions.fetch(reference, console());
        }
        return reference.readFrom(folder);
    }

    private void generate(TextGenerator generator, LineInput lines) {
        for (List<String> texts = lines.next(batch); !texts.isEmpty(); texts = lines.next(batch)) {
            List<List<GeneratedText>> found = generator.generate(texts);
            for (int i = 0; i < texts.size(); i++) {
                print(texts.get(i), found.get(i).subList(0, Math.min(search.returned(), found.get(i).size())));
            }
            console().requireWritten();
        }
    }

    private void print(String text, List<GeneratedText> outputs) {
        for (int rank = 0; rank < outputs.size(); rank++) {
            GeneratedText output = outputs.get(rank);
            if (json) {
                console().json(fields(text, rank, output));
            } else {
                console().print(output.text().replaceAll("\\R", " ") + "\n");
            }
        }
    }

    private static Map<String, Object> fields(String text, int rank, GeneratedText output) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("input", text);
        fields.put("rank", rank);
        fields.put("output", output.text());
        fields.put("score", output.score());
        fields.put("tokens", output.tokens());
        return fields;
    }
}
