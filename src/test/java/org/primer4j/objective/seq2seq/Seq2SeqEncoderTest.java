package org.primer4j.objective.seq2seq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;
import org.primer4j.gym.Example;
import org.primer4j.gym.Gym;
import org.primer4j.gym.Score;
import org.primer4j.gym.TaskInfo;
import org.primer4j.gym.TaskSample;
import org.primer4j.gym.TaskType;
import org.primer4j.gym.demo.TextToTextGym;
import org.primer4j.text.Tokenizer;

class Seq2SeqEncoderTest {

    private static final Path GYM = Path.of("../shared/gym");
    private static final Path TOKENIZER = Path.of("../shared/golden/tokenizer/bpe/tokenizer.json");
    private static final TaskInfo TASK = new TaskInfo("copy_words", TaskType.GENERATION, "EM");
    private static final int EOS = TextToTextGym.EOS;

    @Test
    void crossFitsTextsNameTheTaskInBrackets() {
        Seq2SeqFormat format = Seq2SeqFormat.CROSSFIT;
        assertEquals(" [copy_words] A Text", format.source(TASK, "A Text"));
        assertEquals("A Text", format.target("A Text"));
        assertEquals("It's fine, yes.", format.prediction("  It 's fine , yes .\u00a0\n"));
        Seq2SeqFormat colon = new Seq2SeqFormat(Seq2SeqFormat.Prefix.COLON, true, false, 8, 4);
        assertEquals("copy words: a text", colon.source(TASK, "A Text"));
        assertEquals("a text", colon.target("A Text"));
        assertEquals("a , b", colon.prediction(" a , b "));
        assertEquals("x", new Seq2SeqFormat(Seq2SeqFormat.Prefix.NONE, false, false, 8, 4).source(TASK, "x"));
        assertThrows(IllegalArgumentException.class, () -> format.withLimits(0, 4));
    }

    @Test
    void rowsKeepAllTheirAnswers() {
        try (Tokenizer tokenizer = Tokenizer.of(TextToTextGym.tokenizerJson())) {
            Seq2SeqEncoder encoder = new Seq2SeqEncoder(tokenizer, Seq2SeqFormat.CROSSFIT, EOS);
            Seq2SeqExample row = encoder.encode(TASK, new Example("red lamp", List.of("lamp red", "red")));
            assertEquals("[copy_words] red lamp", tokenizer.decode(row.source(), true));
            assertEquals(EOS, row.source()[row.source().length - 1]);
            assertEquals("lamp red", encoder.prediction(row.target()));
            assertEquals("red", encoder.prediction(row.targets().get(1)));
            assertEquals(List.of("lamp red", "red"), row.references());
            assertEquals(5 + 4, row.tokens());
            Seq2SeqExample unknown = encoder.encode(TASK, "red lamp");
            assertArrayEquals(row.source(), unknown.source());
            assertThrows(IllegalStateException.class, unknown::target);
        }
    }

    @Test
    void cuttingKeepsTheEnd() {
        try (Tokenizer tokenizer = Tokenizer.of(TextToTextGym.tokenizerJson())) {
            Seq2SeqEncoder encoder = new Seq2SeqEncoder(tokenizer, Seq2SeqFormat.CROSSFIT.withLimits(6, 4), EOS);
            String words = "red lamp ".repeat(50);
            Seq2SeqExample row = encoder.encode(TASK, new Example(words, words));
            assertEquals("[copy_words] red lamp red", encoder.prediction(row.source()));
            assertEquals("red lamp", encoder.prediction(row.target()));
            assertEquals(EOS, row.source()[5]);
            assertEquals(EOS, row.target()[3]);
            assertThrows(BadInputException.class, () -> new Seq2SeqEncoder(tokenizer, Seq2SeqFormat.CROSSFIT, EOS + 1));
        }
    }

    /** Every type of real task, as far as they are at hand. */
    @Test
    void everySharedTaskEncodesAndScoresItsOwnAnswersBest() {
        assumeTrue(Files.isDirectory(GYM) && Files.exists(TOKENIZER));
        Gym gym = Gym.open(GYM);
        Set<TaskType> types = EnumSet.noneOf(TaskType.class);
        try (Tokenizer tokenizer = Tokenizer.of(TOKENIZER)) {
            Seq2SeqEncoder encoder = new Seq2SeqEncoder(tokenizer, Seq2SeqFormat.CROSSFIT, 2);
            for (String name : gym.names()) {
                TaskSample sample = gym.read(name, 13);
                types.add(sample.info().type());
                sample.train().forEach(row -> check(encoder.encode(sample.info(), row), name));
                List<Seq2SeqExample> test = sample.test().stream().map(row -> encoder.encode(sample.info(), row)).toList();
                List<String> own = test.stream().map(row -> row.references().get(0)).toList();
                Score score = sample.info().metric().evaluate(own, test.stream().map(Seq2SeqExample::references).toList());
                assertEquals(1, score.value(), 1e-12, name);
            }
        }
        assertEquals(EnumSet.of(TaskType.CLASSIFICATION, TaskType.MULTIPLE_CHOICE, TaskType.QA, TaskType.GENERATION), types);
    }

    private static void check(Seq2SeqExample row, String name) {
        assertTrue(row.source().length <= 512 && row.source()[row.source().length - 1] == 2, () -> name + Arrays.toString(row.source()));
        for (int[] target : row.targets()) {
            assertTrue(target.length <= 64 && target[target.length - 1] == 2, () -> name + Arrays.toString(target));
        }
    }
}
