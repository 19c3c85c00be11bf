package org.primer4j.priming;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.files.AtomicFile;
import org.primer4j.model.io.ModelReference;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.TrainedAdapter;

/**
 * What priming leaves on disk: {@value #RECORD} says how it came about; {@value #MODEL} is the primed model in Hugging Face's format, where any of
 * it moved; {@value #PEFT} holds start values of a method, in the peft library's format where that has one, where priming keeps some.
 * {@link PrimingMetrics} may stand beside them.
 */
public final class PrimedFolder {

    public static final String MODEL = "plm";
    public static final String PEFT = "peft";
    public static final String RECORD = "primer.json";

    /** What a folder may hold, the record last. */
    public static final List<String> ENTRIES = List.of(MODEL, PEFT, PrimingMetrics.METRICS, PrimingMetrics.EVENTS, RECORD);

    private static final int SCHEMA_VERSION = 2;
    private static final String NAME = "name";
    private static final JsonMapper JSON = JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();

    /**
     * How priming went.
     *
     * @param schemaVersion the file's layout
     * @param command the command line
     * @param primerVersion version of this library
     * @param commit commit it was built from, empty if unknown
     * @param device where it ran
     * @param model the model before, {@code minilm}, an absolute folder or a hub's model
     * @param seed of the run
     * @param scoring how texts were scored, as {@link org.primer4j.objective.ScoringSettings#toMap}
     * @param tasks the train tasks
     * @param devTasks the tasks that the best step was chosen by
     * @param samples samples of all tasks
     * @param settings as {@link Recipe#toMap}
     * @param method the method whose parameters moved, or else that dev tasks were tuned with, as {@link #method}; empty for none
     * @param innerRates learned rates of the inner loop, a number a tensor; empty for none
     * @param parts what of {@link #MODEL} and {@link #PEFT} is there
     * @param bestStep the outer step that was kept
     * @param priming loss and dev curve, time and tokens
     */
    public record Record(int schemaVersion, String command, String primerVersion, String commit, String device, String model, long seed,
                         Map<String, Object> scoring, List<String> tasks, List<String> devTasks, List<Integer> samples,
                         Map<String, Object> settings, Map<String, Object> method, Map<String, Float> innerRates, List<String> parts, int bestStep,
                         PrimingResult priming) {

        /**
         * Of what was done just now.
         *
         * @param base the model before priming
         */
        public Record(String command, String primerVersion, String commit, String device, String model, long seed,
                      Map<String, Object> scoring, List<String> tasks, List<String> devTasks, List<Integer> samples,
                      Map<String, Object> settings, Map<String, Object> method, PretrainedModel base, Primed primed) {
            this(SCHEMA_VERSION, command, primerVersion, commit, device, model, seed, scoring, tasks, devTasks, samples, settings, method,
                primed.innerRates(), PrimedFolder.parts(base, primed), primed.bestStep(), primed.result());
        }

        // What a reader of the file relies on.
        private boolean isWhole() {
            return schemaVersion == SCHEMA_VERSION && model != null && scoring != null && tasks != null && devTasks != null && method != null
                && parts != null && priming != null;
        }
    }

    private PrimedFolder() {
    }

    private static List<String> parts(PretrainedModel base, Primed primed) {
        List<String> parts = new ArrayList<>();
        if (primed.hasMoved(base)) {
            parts.add(MODEL);
        }
        if (!primed.peftStart().isEmpty()) {
            parts.add(PEFT);
        }
        return parts;
    }

    /** A method as a record has it: its name and its settings; empty for null. */
    public static Map<String, Object> method(PeftMethod method) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (method != null) {
            map.put(NAME, method.methodName());
            map.putAll(method.settings());
        }
        return map;
    }

    /**
     * Writes model, start values and record, the record last.
     *
     * @param folder exists and holds none of them yet
     * @param base the model before priming
     * @param method whose start values these are; null where there are none
     * @throws BadInputException if it cannot be written
     */
    public static void write(Path folder, PretrainedModel base, Primed primed, PeftMethod method, Record record) {
        boolean moved = primed.hasMoved(base);
        if (moved) {
            primed.model().write(folder.resolve(MODEL));
        }
        if (!primed.peftStart().isEmpty()) {
            TrainedAdapter start = new TrainedAdapter(method, moved ? "../" + MODEL : record.model(), primed.peftStart(), Map.of("start_values", true));
            PeftFolder.write(folder.resolve(PEFT), start, PeftTarget.of(base.config()));
        }
        try {
            byte[] json = (JSON.writeValueAsString(record) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(folder.resolve(RECORD), channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(json)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of numbers and strings did not serialise", e);
        }
    }

    /**
     * The primed model; the model before priming where none of it moved.
     *
     * @throws BadInputException if it moved and is not there
     */
    public static ModelReference model(Path folder, Record record) {
        return has(folder, record, MODEL) ? new ModelReference(folder.resolve(MODEL).toString()).absolute() : new ModelReference(record.model());
    }

    private static boolean has(Path folder, Record record, String part) {
        boolean expected = record.parts().contains(part);
        if (expected && !Files.isDirectory(folder.resolve(part))) {
            throw new BadInputException(folder.resolve(part) + ": there is no such folder, and " + RECORD + " says that priming left one; expected the --out"
                + " folder of 'prime' as it was written.");
        }
        return expected;
    }

    /**
     * The start values of a method that priming left; empty if it left none.
     *
     * @param method what is to be tuned from there
     * @throws BadInputException if they are of another method, or cannot be read
     */
    public static Map<String, TensorData> peftStart(Path folder, Record record, PeftMethod method) {
        if (!has(folder, record, PEFT)) {
            return Map.of();
        }
        Map<String, Object> asked = method(method);
        if (!JSON.valueToTree(asked).equals(JSON.valueToTree(record.method()))) {
            throw new BadInputException(folder + ": it holds start values of the method " + record.method() + ", and asked for is " + asked
                + "; expected the same method with the same settings.");
        }
        return PeftFolder.read(folder.resolve(PEFT)).tensors();
    }

    /**
     * Reads how a folder's model was primed.
     *
     * @throws BadInputException if the folder holds no primed model, or its record is malformed
     */
    public static Record read(Path folder) {
        Path file = folder.resolve(RECORD);
        try {
            Record record = JSON.readValue(Files.readAllBytes(file), Record.class);
            if (record == null || !record.isWhole()) {
                throw new BadInputException(file + ": found no record of schema version " + SCHEMA_VERSION + "; expected what 'prime' writes.");
            }
            return record;
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file; expected the --out folder of 'prime'.", e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ":" + line + ": malformed (" + e.getOriginalMessage() + "); expected what 'prime' writes of schema version "
                + SCHEMA_VERSION + ".", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read (" + e.getMessage() + "); expected what 'prime' writes.", e);
        }
    }
}
