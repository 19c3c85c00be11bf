package org.primer4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.run.Study;
import org.primer4j.experiment.study.run.StudyFolder;
import org.primer4j.experiment.study.run.StudySetup;
import org.primer4j.experiment.study.spec.Presets;
import org.primer4j.experiment.study.spec.SpecFile;
import org.primer4j.experiment.study.spec.StudySpec;
import org.primer4j.files.Folders;
import org.primer4j.gym.demo.DemoGym;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.progress.Progress;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a study: recipes of priming against direct tuning, over methods, tasks and samples. */
@CommandLine.Command(name = "experiment", description = {"Run a study: recipes of priming against direct tuning, over methods, tasks and samples.",
    "The same command goes on where it was cut off; several at once share the work."})
final class ExperimentCommand extends Command {

    @Parameters(paramLabel = "FILE.yaml|PRESET", arity = "0..1", description = "What to run: a file, or a preset (see --list).")
    private String experiment;

    @Option(names = "--list", description = "Name the presets, and do nothing else.")
    private boolean list;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for the study; made if it is not there.")
    private Path out;

    @Option(names = "--gym", paramLabel = "DIR", description = "Folder of tasks, instead of the file's; demo for the demo's.")
    private String gym;

    @Option(names = "--model", paramLabel = "minilm|DIR|ORG/NAME", description = "The unprimed model, instead of the file's.")
    private String model;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of all that is random, instead of the file's.")
    private Long seed;

    @Option(names = "--dry-run", description = "Say what would be done, with --out also how much of it is, and do nothing else.")
    private boolean dryRun;

    @Mixin
    private DeviceOptions deviceOptions;
    @Mixin
    private WeightOptions weightOptions;
    @Mixin
    private DownloadOptions downloadOptions;

    @Override
    public Integer call() {
        if (list) {
            new StudyPrinter(console(), json).presets();
            return ExitStatus.DONE;
        }
        StudySpec spec = spec();
        if (dryRun) {
            dryRun(spec);
        } else {
            Valid.require(out != null, "--out", "missing", "a folder for the study");
            run(spec);
        }
        return ExitStatus.DONE;
    }

    private StudySpec spec() {
        Valid.require(experiment != null, "FILE.yaml|PRESET", "missing", "an experiment's file, or one of the presets " + String.join(", ", Presets.NAMES));
        StudySpec spec = Presets.NAMES.contains(experiment) ? Presets.read(experiment) : SpecFile.read(Path.of(experiment));
        spec = model == null ? spec : spec.withModel(model);
        spec = gym == null ? spec : spec.withGym(gym);
        Valid.require(spec.gym() != null, "--gym", "missing", "a folder of tasks, as the experiment names none");
        return seed == null ? spec : spec.withSeed(seed);
    }

    private void run(StudySpec spec) {
        Device device = device();
        PretrainedModel pretrained = pretrained(spec);
        boolean demo = spec.gym().equals(StudySpec.DEMO);
        // Whatever can be refused is, before there is a folder.
        StudySetup early = demo ? null : setup(spec, pretrained, device, Path.of(spec.gym()));
        try (StudyFolder folder = StudyFolder.open(out, warning -> console().log("warning: " + warning)); Progress progress = console().progress()) {
            Study study = Study.of(demo ? setup(spec, pretrained, device, folder.demoGym(spec)) : early);
            StudyResults results = study.run(folder, progress);
            progress.close();
            new StudyPrinter(console(), json).results(results, folder::table);
        }
    }

    private void dryRun(StudySpec spec) {
        StudyPrinter printer = new StudyPrinter(console(), json);
        if (!spec.gym().equals(StudySpec.DEMO)) {
            printer.plan(setup(spec, pretrained(spec), device(), Path.of(spec.gym())), out);
            return;
        }
        try {
            Path temporary = Files.createTempDirectory("primer");
            try {
                DemoGym.write(temporary.resolve("gym"), spec.seed());
                printer.plan(setup(spec, pretrained(spec), device(), temporary.resolve("gym")), out);
            } finally {
                Folders.delete(temporary);
            }
        } catch (IOException e) {
            throw new BadInputException("The demo's tasks cannot be written to the temporary folder (" + e + "); expected room there.", e);
        }
    }

    private Device device() {
        return weightOptions.on(deviceOptions.device(console()));
    }

    private PretrainedModel pretrained(StudySpec spec) {
        ModelReference reference = new ModelReference(spec.model());
        downloadOptions.fetch(reference, console());
        return reference.read();
    }

    private StudySetup setup(StudySpec spec, PretrainedModel pretrained, Device device, Path folder) {
        StudySetup setup = StudySetup.of(spec, pretrained, device, folder);
        if (!setup.tasks().skipped().isEmpty()) {
            console().log("skipping " + setup.tasks().skipped().size() + " tasks of the gym's splits that the model cannot answer: "
                + String.join(", ", setup.tasks().skipped()));
        }
        return setup;
    }

    @Override
    String onInterruption() {
        return out == null || dryRun ? "" : "; " + out + " holds what is finished: the same command goes on there";
    }
}
