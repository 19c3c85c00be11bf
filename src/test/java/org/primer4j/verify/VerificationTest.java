package org.primer4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.graph.Bf16;
import org.primer4j.model.io.SafetensorsFile;

class VerificationTest {

    private static final Path SHARED = Path.of("../shared/golden");
    private static final Path SMALL = Path.of("src/test/resources/golden");
    private static final String BASE = "models/tiny_bert";
    private static final String LORA = "peft/tiny_bert_lora";

    @TempDir
    Path copy;

    private final List<CaseResult> results = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void allSmallCasesPass(int threads) {
        assertTrue(Verification.of(SMALL, List.of(), Device.cpu(threads)).run(results::add), () -> failures().toString());
        assertEquals(List.of("adapters/tiny_bert_bitfit", "adapters/tiny_bert_houlsby", "models/tiny_bart", BASE, "models/tiny_t5", "models/tiny_t5_gated", LORA),
            results.stream().map(CaseResult::caseName).distinct().toList());
        // Gradients of all tensors, of LoRA, of the adapters, of all biases; hidden states, logits and loss of each case; the number of
        // trained parameters of each method.
        assertEquals(42 + 16 + 16 + 20 + 4 * 5 + 3 + 75 + 39 + 43 + 3 * 7, results.size());
    }

    @Test
    void sharedModelsWithEncoderAndDecoderPass() {
        assumeTrue(Files.isDirectory(SHARED));
        Verification verification = Verification.of(SHARED, List.of("models/{bart,bart_scaled,t5_buckets,t5_v10,t5_v11}"));
        assertEquals(5, verification.cases().size());
        assertTrue(verification.run(results::add), () -> failures().toString());
    }

    @Test
    void allSupportedSharedCasesPass() {
        assumeTrue(Files.isDirectory(SHARED));
        Verification verification = Verification.of(SHARED, List.of("models/{bert,bert_sentence,roberta,roberta_cls}", "{peft,adapters}/{bert,bart}_*"));
        assertEquals(22, verification.cases().size());
        assertTrue(verification.run(results::add), () -> failures().toString());
        assertEquals(18, results.stream().filter(result -> result.tensor().equals("trainable_parameters")).count());
    }

    @Test
    void bf16IsNoLessExactThanThriceTorchs() {
        assumeTrue(Files.isDirectory(SHARED));
        Bf16.assume();
        assertTrue(Verification.of(SHARED, List.of("bf16/*")).run(results::add), () -> failures().toString());
        // Loss, logits, hidden state, 24 gradients, all together.
        assertEquals(28, results.size());
        assertTrue(results.stream().allMatch(result -> result.relError() > 1e-5), "computed in float32");
    }

    @Test
    void anotherModelIsNotWithinBf16sRoundings() throws IOException {
        copyBf16();
        alter("models/bart/model", "model.decoder.layers.1.fc1.weight", value -> value + 10);
        assertFalse(Verification.of(copy, List.of("bf16/*")).run(results::add));
        assertTrue(failures().containsAll(List.of("logits", "hidden", "all gradients")), failures().toString());
    }

    @Test
    void aBf16CaseHasEveryGradient() throws IOException {
        copyBf16();
        rename("bf16/golden", "fp64.d_base_model.model.model.encoder.layers.0.self_attn.q_proj", "fp64.x_base_model.model.model.encoder.layers.0.self_attn.q_proj");
        assertFalse(Verification.of(copy, List.of("bf16/*")).run(results::add));
        assertTrue(results.get(results.size() - 1).problem().contains("found the gradients"), results.toString());
    }

    private void copyBf16() throws IOException {
        assumeTrue(Files.isDirectory(SHARED));
        Bf16.assume();
        for (String part : List.of("bf16", "peft/bart_lora_qv", "models/bart")) {
            copy(SHARED, part);
        }
    }

    @Test
    void allSharedTokenizersAndMetricsPass() {
        assumeTrue(Files.isDirectory(SHARED));
        Verification verification = Verification.of(SHARED, List.of("tokenizer/*", "metrics/*"));
        assertEquals(List.of("metrics/metrics", "tokenizer/bpe", "tokenizer/wordpiece"), verification.cases());
        assertTrue(verification.run(results::add), () -> failures().toString());
        // Six results a tokenizer; nine normal forms, all scores, and the gains of eleven lists.
        assertEquals(6, results.stream().filter(result -> result.caseName().equals("tokenizer/bpe")).count());
        assertEquals(9, results.stream().filter(result -> result.tensor().startsWith("normalise/")).count());
        assertEquals(11, results.stream().filter(result -> result.tensor().endsWith("/arg_strict")).count());
        assertEquals(187, results.size());
    }

    @Test
    void unsupportedSharedCasesFailByName() {
        assumeTrue(Files.isDirectory(SHARED));
        List<String> cases = List.of("models/gpt2", "peft/llama_ia3", "adapters/llama_parallel");
        assertFalse(Verification.of(SHARED, cases).run(results::add));
        assertEquals(cases.size(), results.size());
        results.forEach(result -> assertTrue(result.problem().contains(result.caseName() + " is not supported yet"), result::toString));
    }

    @ParameterizedTest
    @CsvSource({
        "models/tiny_bert/model, bert.encoder.layer.1.attention.self.query.weight, models/tiny_bert",
        "models/tiny_bert/model, cls.predictions.bias, peft/tiny_bert_lora",
        "peft/tiny_bert_lora/adapter_model, base_model.model.bert.encoder.layer.0.output.dense.lora_A.weight, peft/tiny_bert_lora",
        "adapters/tiny_bert_houlsby/adapter, bert.encoder.layer.1.output.dense.adapter.up.bias, adapters/tiny_bert_houlsby"})
    void anAlteredWeightFails(String file, String tensor, String caseName) throws IOException {
        copySmall();
        alter(file, tensor, value -> value + 0.01f);
        assertFalse(Verification.of(copy, List.of(caseName)).run(results::add));
        assertTrue(results.stream().anyMatch(r -> r.tensor().equals("out.logits") && !r.passed() && r.relError() > r.tolerance()));
    }

    @Test
    void aNanFails() throws IOException {
        copySmall();
        alter("models/tiny_bert/model", "bert.embeddings.LayerNorm.bias", value -> Float.NaN);
        assertFalse(Verification.of(copy, List.of(BASE)).run(results::add));
        assertTrue(results.stream().noneMatch(CaseResult::passed), () -> results.toString());
    }

    @Test
    void aNanInTheReferenceFails() throws IOException {
        copySmall();
        String gradient = "d_base_model.model.bert.encoder.layer.1.attention.self.value.lora_B.weight";
        alter(LORA + "/golden", gradient, value -> Float.NaN);
        assertFalse(Verification.of(copy, List.of(LORA)).run(results::add));
        assertTrue(failures().contains(gradient));
    }

    @Test
    void paddedTokensAreNotCompared() throws IOException {
        copySmall();
        alter(LORA + "/golden", "out.hidden_1", value -> 1e9f);
        assertTrue(Verification.of(copy, List.of(LORA)).run(results::add));
    }

    @Test
    void aMissingOrExtraTensorFails() throws IOException {
        copySmall();
        rename(LORA + "/golden", "layer.0.attention.self.query.lora_A", "layer.0.attention.self.query.lora_X");
        rename(LORA + "/golden", "out.hidden_1", "out.strange_");
        assertFalse(Verification.of(copy, List.of(LORA)).run(results::add));
        assertEquals(List.of("d_base_model.model.bert.encoder.layer.0.attention.self.query.lora_X.weight",
            "d_encoder.layer.0.attention.self.query.lora_A.weight", "out.strange_"), failures().stream().sorted().toList());
    }

    @ParameterizedTest
    @CsvSource({"models/tiny_bert/golden.safetensors, no such file", "models/tiny_bert/config.json, no such file",
        "models/tiny_bert/model.safetensors, no such file", "peft/tiny_bert_lora/adapter_config.json, no such file",
        "peft/tiny_bert_lora/adapter_model.safetensors, no such file", "adapters/tiny_bert_bitfit/golden.json, no such file"})
    void aMissingFileFailsItsCaseAndNoOther(String file, String fragment) throws IOException {
        copySmall();
        Files.delete(copy.resolve(file));
        String caseName = Path.of(file).getParent().toString();
        assertFalse(Verification.of(copy, List.of()).run(results::add));
        List<CaseResult> failed = results.stream().filter(r -> r.caseName().equals(caseName)).toList();
        assertEquals(1, failed.size());
        assertTrue(failed.get(0).problem().contains(fragment) && failed.get(0).problem().contains(copy.resolve(file).toString()),
            failed::toString);
        // The other cases still run; those of its group only when it is not the base model's own file.
        boolean shared = caseName.equals(BASE) && !file.contains("golden");
        assertEquals(shared, results.stream().anyMatch(r -> !r.caseName().equals(caseName) && !r.passed()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"models/tiny_bert/golden.safetensors", "models/tiny_bert/model.safetensors", "models/tiny_bert/config.json"})
    void aTruncatedFileFailsItsCase(String file) throws IOException {
        copySmall();
        byte[] bytes = Files.readAllBytes(copy.resolve(file));
        Files.write(copy.resolve(file), Arrays.copyOf(bytes, bytes.length / 2));
        assertFalse(Verification.of(copy, List.of(BASE)).run(results::add));
        assertEquals(1, results.size());
        assertTrue(results.get(0).problem().endsWith("."), results.toString());
    }

    @Test
    void refusesGlobsThatSelectNothing() {
        for (String glob : List.of("models/gpt5*", "tiny_bert", "models/[", "")) {
            BadInputException refused = assertThrows(BadInputException.class, () -> Verification.of(SMALL, List.of(BASE, glob)));
            assertTrue(refused.getMessage().contains("'" + glob + "'"), refused.getMessage());
        }
        assertThrows(BadInputException.class, () -> Verification.of(copy, List.of()));
        assertThrows(BadInputException.class, () -> Verification.of(copy.resolve("none"), List.of()));
    }

    private List<String> failures() {
        return results.stream().filter(result -> !result.passed()).map(CaseResult::tensor).toList();
    }

    private void copySmall() throws IOException {
        copy(SMALL, "");
    }

    /** Copies a part of a golden folder. */
    private void copy(Path golden, String part) throws IOException {
        Files.createDirectories(copy.resolve(part).getParent());
        try (Stream<Path> paths = Files.walk(golden.resolve(part))) {
            for (Path path : paths.toList()) {
                Path target = copy.resolve(golden.relativize(path).toString());
                if (!Files.exists(target)) {
                    Files.copy(path, target);
                }
            }
        }
    }

    private interface Change {
        float of(float value);
    }

    /** Changes the last number of an F32 tensor. */
    private void alter(String file, String tensor, Change change) throws IOException {
        Path path = copy.resolve(file + ".safetensors");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        try (SafetensorsFile opened = SafetensorsFile.open(path)) {
            int last = (int) (Long.BYTES + bytes.getLong(0) + opened.info(tensor).end() - Float.BYTES);
            bytes.putFloat(last, change.of(bytes.getFloat(last)));
        }
        Files.write(path, bytes.array());
    }

    /** Gives a tensor another name of the same length. */
    private void rename(String file, String from, String to) throws IOException {
        Path path = copy.resolve(file + ".safetensors");
        String bytes = Files.readString(path, StandardCharsets.ISO_8859_1);
        assertTrue(bytes.contains(from) && from.length() == to.length());
        Files.writeString(path, bytes.replace(from, to), StandardCharsets.ISO_8859_1);
    }
}
