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
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.experiment.PrimingResult;
import org.primer4j.files.AtomicFile;
import org.primer4j.model.io.PretrainedModel;

/**
 * A primed model on disk: {@value #MODEL} is a folder in Hugging Face's format, {@value #RECORD} says how it came about.
 */
public final class PrimedFolder {

    public static final String MODEL = "plm";
    public static final String RECORD = "primer.json";

    private static final int SCHEMA_VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();

    /**
     * How a model was primed.
     *
     * @param schemaVersion the file's layout
     * @param command the command line
     * @param primerVersion version of this library
     * @param commit commit it was built from, empty if unknown
     * @param device where it ran
     * @param model the model before, {@code minilm} or an absolute folder
     * @param seed of the run
     * @param scoring how texts were scored, as {@link org.primer4j.objective.ScoringSettings#toMap}
     * @param tasks the train tasks
     * @param samples their samples
     * @param settings as {@link PrimingSettings#toMap}
     * @param priming loss curve, time and tokens
     */
    public record Record(int schemaVersion, String command, String primerVersion, String commit, String device, String model, long seed,
                         Map<String, Object> scoring, List<String> tasks, List<Integer> samples, Map<String, Object> settings,
                         PrimingResult priming) {

        public Record(String command, String primerVersion, String commit, String device, String model, long seed,
                      Map<String, Object> scoring, List<String> tasks, List<Integer> samples, Map<String, Object> settings,
                      PrimingResult priming) {
            this(SCHEMA_VERSION, command, primerVersion, commit, device, model, seed, scoring, tasks, samples, settings, priming);
        }
    }

    private PrimedFolder() {
    }

    /**
     * Writes model and record, the record last.
     *
     * @param folder exists and holds neither yet
     * @throws BadInputException if it cannot be written
     */
    public static void write(Path folder, PretrainedModel primed, Record record) {
        primed.write(folder.resolve(MODEL));
        try {
            byte[] json = (JSON.writeValueAsString(record) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(folder.resolve(RECORD), channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(json)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of numbers and strings did not serialise", e);
        }
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
            if (record == null || record.schemaVersion() != SCHEMA_VERSION || record.model() == null || record.scoring() == null
                || record.tasks() == null) {
                throw new BadInputException(file + ": found no record of schema version " + SCHEMA_VERSION + "; expected what 'prime' writes.");
            }
            return record;
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": there is no such file; expected the --out folder of 'prime'.", e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException(file + ":" + line + ": malformed (" + e.getOriginalMessage() + "); expected what 'prime' writes.", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read (" + e.getMessage() + "); expected what 'prime' writes.", e);
        }
    }
}
