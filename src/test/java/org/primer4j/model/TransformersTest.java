package org.primer4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.model.io.SafetensorsWriter;
import org.primer4j.model.io.Seq2SeqConfig;
import org.primer4j.model.io.T5Config;
import org.primer4j.model.io.TensorData;

/** transformers reads the folders we write, and computes the same; where PRIMER_PYTHON, or ../shared, has a Python with it. */
class TransformersTest {

    private static final Path SCRIPT = Path.of("src", "test", "python", "check_transformers.py");
    private static final byte[] TOKENIZER = "{\"model\":{\"vocab\":{\"a\":0}}}".getBytes(StandardCharsets.UTF_8);
    private static final int[] SOURCE = {5, 9, 3, 11, 2}, TARGET = {2, 0, 7, 8};
    private static final BartConfig.Stack STACK = new BartConfig.Stack(2, 3, 20);
    private static final Map<String, Seq2SeqConfig> CONFIGS = Map.of(
        "bart", new BartConfig(13, 12, STACK, new BartConfig.Stack(1, 2, 9), 10, "gelu", true, 1, 0, 2, 2, 0, 2, 0.1, 0.1, 0.1),
        "bart_relu", new BartConfig(13, 12, STACK, STACK, 10, "relu", false, 1, 0, 2, 2, null, null, 0, 0, 0),
        "t5", new T5Config("t5", 13, 12, 5, 3, 20, 2, 1, 8, 12, 1e-6, "relu", false, true, 0, 1, 0, 0.1),
        "t5_gated", new T5Config("t5", 13, 12, 5, 3, 20, 1, 2, 8, 12, 1e-6, "gated-gelu", true, false, 0, 1, 0, 0.1),
        "mt5", new T5Config("mt5", 13, 12, 5, 3, 20, 1, 2, 8, 12, 1e-6, "gated-silu", true, false, 0, 1, 0, 0.1));

    @TempDir
    Path temporary;

    @ParameterizedTest
    @CsvSource({"bart, 5000000000", "bart, 3000", "bart_relu, 5000000000", "t5, 4000", "t5_gated, 5000000000", "mt5, 5000000000"})
    void readsWhatWeWrite(String name, long shardBytes) throws Exception {
        String python = System.getenv().getOrDefault("PRIMER_PYTHON", Path.of("..", "shared", "peer", ".venv", "bin", "python").toString());
        assumeTrue(Files.isExecutable(Path.of(python)), "there is no " + python + "; PRIMER_PYTHON names another");
        PretrainedModel model = RandomModel.of(CONFIGS.get(name), TOKENIZER, 3);
        Path folder = temporary.resolve("model");
        model.write(folder, shardBytes);
        Path golden = temporary.resolve("case.safetensors");
        SafetensorsWriter.write(golden, outputs(model), Map.of());
        Process process = new ProcessBuilder(python, SCRIPT.toString(), folder.toString(), golden.toString()).redirectErrorStream(true)
            .redirectOutput(temporary.resolve("output").toFile()).start();
        assertTrue(process.waitFor(5, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), Files.readString(temporary.resolve("output")));
    }

    private static Map<String, TensorData> outputs(PretrainedModel model) {
        Map<String, TensorData> outputs = new LinkedHashMap<>();
        outputs.put("source_ids", TensorData.of(new long[] {1, SOURCE.length}, floats(SOURCE)));
        outputs.put("target_ids", TensorData.of(new long[] {1, TARGET.length}, floats(TARGET)));
        float[] logits = logits(model);
        outputs.put("logits", TensorData.of(new long[] {TARGET.length, logits.length / TARGET.length}, logits));
        return outputs;
    }

    private static float[] floats(int[] ids) {
        float[] floats = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            floats[i] = ids[i];
        }
        return floats;
    }

    private static float[] logits(PretrainedModel model) {
        Seq2Seq seq2seq = Seq2Seq.of(model.config().asSeq2Seq());
        Graph graph = new Graph(1, DType.F32);
        Layers l = new Layers(graph, Adaptation.frozen());
        TextInputs source = TextInputs.source(l, seq2seq.config(), SOURCE.length, 1);
        TextInputs target = TextInputs.target(l, seq2seq.config(), TARGET.length, source);
        Value hidden = seq2seq.decode(l, seq2seq.encode(l, source), source, target);
        Value logits = graph.output("logits", seq2seq.head(l).logits(hidden));
        float[] numbers = new float[TARGET.length * logits.cols()];
        try (Weights weights = new Weights(model.weights());
             Program program = Program.compile(Plan.of(graph), new ModelStorage(weights, null), Device.cpu(1))) {
            program.setRows(source.sequences(), 1);
            write(program, TextInputs.SOURCE, source, SOURCE);
            write(program, TextInputs.TARGET, target, TARGET);
            program.run(Stage.COMPUTE);
            program.read(logits, numbers);
        }
        return numbers;
    }

    private static void write(Program program, String prefix, TextInputs inputs, int[] ids) {
        program.setRows(inputs.tokens(), ids.length);
        program.input(prefix + TextInputs.IDS).put(0, ids, ids.length);
        program.input(prefix + TextInputs.OFFSETS).put(0, new int[] {0, ids.length}, 2);
        if (inputs.positions() != null) {
            program.input(prefix + TextInputs.POSITIONS).put(0, IntStream.range(2, 2 + ids.length).toArray(), ids.length);
        }
    }
}
