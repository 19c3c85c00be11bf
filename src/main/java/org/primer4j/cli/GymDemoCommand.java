package org.primer4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.gym.demo.DemoGym;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.BartConfig.Stack;
import org.primer4j.model.io.RandomModel;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes tasks to try the other commands on, and for models that write a model too: neither needs a network. */
@CommandLine.Command(name = "demo", description = {"Write the demo's tasks to DIR/gym.",
    "With --text-to-text write three tasks of writing words instead, and to DIR/model a small BART that knows these words and, with its random weights, "
        + "nothing else."})
final class GymDemoCommand extends Command {

    private static final String GYM = "gym";
    private static final String MODEL = "model";

    @Option(names = "--text-to-text", description = "Tasks and a model to try what BART and T5 do: copy words, reverse them, say what a sentence is about.")
    private boolean textToText;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of tasks and weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private OutOptions outOptions;

    @Override
    public Integer call() {
        try (RunFolder folder = outOptions.open(List.of(MODEL, GYM))) {
            write(folder.staging());
            folder.commit();
        }
        print();
        return ExitStatus.DONE;
    }

    private void write(Path folder) {
        if (textToText) {
            TextToTextGym.write(folder.resolve(GYM), seed);
            RandomModel.of(smallBart(), TextToTextGym.tokenizerJson(), seed).write(folder.resolve(MODEL));
        } else {
            DemoGym.write(folder.resolve(GYM), seed);
        }
    }

    /** 3.5 million weights: large enough for the three tasks, small enough to learn one from nothing in minutes. */
    private static BartConfig smallBart() {
        Stack stack = new Stack(3, 4, 768);
        return new BartConfig(64, 192, stack, stack, 1024, "gelu", false, TextToTextGym.PAD, TextToTextGym.BOS, TextToTextGym.EOS, TextToTextGym.EOS,
            TextToTextGym.BOS, TextToTextGym.EOS, 0.1, 0, 0);
    }

    private void print() {
        Map<String, Object> written = new LinkedHashMap<>();
        written.put("gym", outOptions.out.resolve(GYM).toString());
        if (textToText) {
            written.put("model", outOptions.out.resolve(MODEL).toString());
        }
        if (json) {
            console().json(written);
        } else {
            written.forEach((what, where) -> console().print(what + "\t" + where + "\n"));
        }
    }

    @Override
    String onInterruption() {
        return outOptions.onInterruption();
    }
}
