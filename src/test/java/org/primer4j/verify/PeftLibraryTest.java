package org.primer4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.PretrainedFolder;
import org.primer4j.model.io.SafetensorsWriter;
import org.primer4j.model.io.TensorData;
import org.primer4j.peft.AttentionSite;
import org.primer4j.peft.Ia3;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftFolder;
import org.primer4j.peft.PeftMethod;
import org.primer4j.peft.PeftTarget;
import org.primer4j.peft.PrefixTuning;
import org.primer4j.peft.PromptTuning;
import org.primer4j.peft.SlotPrefix;
import org.primer4j.peft.TrainedAdapter;

/**
 * The peft library itself loads what we export, and computes the same logits and gradients. Runs where there is a Python with torch,
 * transformers and peft: the environment variable PRIMER_PYTHON, or the shared peer's environment.
 */
class PeftLibraryTest {

    private static final Path SHARED = Path.of("../shared/peer/.venv/bin/python");
    private static final List<String> MODELS = List.of("tiny_bert", "tiny_bart", "tiny_t5", "tiny_t5_gated");

    @TempDir
    Path cases;

    @Test
    void peftComputesTheSame() throws IOException, InterruptedException {
        String python = python();
        int count = 0;
        for (String model : MODELS) {
            for (Map.Entry<String, PeftMethod> method : methods(model).entrySet()) {
                export(model, cases.resolve(model + "_" + method.getKey()), method.getValue());
                count++;
            }
        }
        Path output = cases.resolve("output.txt");
        int status = run(output, python, "src/test/python/check_peft_export.py", cases.toString());
        String text = Files.readString(output);
        assertEquals(0, status, text);
        assertEquals(count, text.lines().filter(line -> line.startsWith("{\"case\"")).count(), text);
    }

    private static Map<String, PeftMethod> methods(String model) {
        Map<String, PeftMethod> methods = new LinkedHashMap<>();
        methods.put("lora", Lora.queryValue(3, 5));
        methods.put("rslora_all", new Lora(2, 3, 0, Set.of(), true));
        methods.put("ia3", Ia3.standard());
        methods.put("prompt", new PromptTuning(3));
        if (model.equals("tiny_bert")) {
            methods.put("prefix", new PrefixTuning(3, Set.of(AttentionSite.ENCODER)));
        } else if (model.equals("tiny_bart")) {
            methods.put("prefix", new SlotPrefix(3, 2));
        }
        return methods;
    }

    private static void export(String name, Path folder, PeftMethod method) throws IOException {
        Files.createDirectory(folder);
        Path base = PeftRuns.MODELS.resolve(name).toAbsolutePath();
        try (PretrainedFolder model = PretrainedFolder.read(base)) {
            CaseGraph graph = PeftRuns.graph(name, model, method);
            TrainedAdapter adapter = PeftRuns.random(graph, method, model.weights(), 5);
            CaseRun run = PeftRuns.run(graph, model.weights(), adapter.tensors());
            PeftTarget target = model.config() instanceof EncoderConfig encoder ? PeftTarget.ofEncoder(encoder, "bert.") : PeftTarget.of(model.config());
            PeftFolder.write(folder.resolve("adapter"), adapter, target);
            SafetensorsWriter.write(folder.resolve("reference.safetensors"), reference(graph, adapter, run, target), Map.of("format", "pt"));
        }
        Map<String, String> settings = Map.of("model", base.toString(), "golden", base.resolve(ModelCase.GOLDEN).toString());
        new ObjectMapper().writeValue(folder.resolve("case.json").toFile(), settings);
    }

    private static Map<String, TensorData> reference(CaseGraph graph, TrainedAdapter adapter, CaseRun run, PeftTarget target) {
        Map<String, TensorData> reference = new LinkedHashMap<>();
        int columns = graph.graph().outputs().get("logits").cols();
        float[] logits = run.outputs().get("logits");
        reference.put("logits", TensorData.of(new long[] {logits.length / columns, columns}, logits));
        int[] rows = graph.realRows("logits");
        if (rows != null) {
            float[] places = new float[rows.length];
            for (int i = 0; i < rows.length; i++) {
                places[i] = rows[i];
            }
            reference.put("rows", TensorData.of(new long[] {rows.length}, places));
        }
        Map<String, TensorData> gradients = new LinkedHashMap<>();
        adapter.tensors().forEach((name, tensor) -> gradients.put(name, TensorData.of(tensor.shape(), run.gradients().get(name))));
        PeftFolder.pack(new TrainedAdapter(adapter.method(), "", gradients, Map.of()), target)
            .forEach((name, tensor) -> reference.put("d_" + name, tensor));
        return reference;
    }

    private String python() throws IOException, InterruptedException {
        String asked = System.getenv("PRIMER_PYTHON");
        String python = asked == null || asked.isEmpty() ? SHARED.toString() : asked;
        boolean there = python.indexOf('/') < 0 || Files.isExecutable(Path.of(python));
        assumeTrue(there, "skipped: there is no " + python + "; set PRIMER_PYTHON to a Python with torch, transformers and peft");
        int status = run(cases.resolve("import.txt"), python, "-c", "import torch, transformers, peft, safetensors");
        assumeTrue(status == 0, "skipped: " + python + " cannot import torch, transformers, peft and safetensors");
        return python;
    }

    private static int run(Path output, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("HF_HUB_OFFLINE", "1");
        Process process = builder.start();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " took more than 10 minutes");
        }
        return process.exitValue();
    }
}
