package org.primer4j.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.primer4j.BadInputException;
import org.primer4j.engine.Device;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Encoder;
import org.primer4j.model.Layers;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.EncoderConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;

/** Law: virtual tokens with the embeddings of words give the scores of texts that begin with these words. */
class VirtualTokensTest {

    private static final EncoderConfig CONFIG = new EncoderConfig("bert", 60, 24, 2, 3, 40, 12, 2, 1e-12, "gelu", 0, 0.1, 0.1);
    private static final PretrainedModel MODEL = RandomModel.of(CONFIG, new byte[0], 9);
    private static final String WORDS = "embeddings.word_embeddings.weight", PROMPT = "prompt";
    private static final int[] SOFT = {17, 42, 3};

    /** Virtual tokens before a text. */
    private static final Adaptation PROMPTED = new Adaptation() {
        @Override
        public boolean trains(String tensor) {
            return false;
        }

        @Override
        public Value prompt(Layers layers, int d) {
            return layers.graph().parameter(PROMPT, SOFT.length, d);
        }

        @Override
        public int promptLength() {
            return SOFT.length;
        }
    };

    private static EncodedExample row(int[] before, int[]... texts) {
        Sequence[] sequences = IntStream.range(0, texts.length).mapToObj(i -> sequence(i, before, texts[i])).toArray(Sequence[]::new);
        return new EncodedExample(sequences[0], Arrays.copyOfRange(sequences, 1, sequences.length), 0, List.of("a", "b"));
    }

    private static Sequence sequence(int index, int[] before, int[] text) {
        int[] ids = IntStream.concat(Arrays.stream(before), Arrays.stream(text)).toArray();
        int[] types = new int[ids.length];
        types[ids.length - 1] = 1;
        return new Sequence(index, ids, types);
    }

    private static float[] scores(Adaptation adaptation, EncodedExample row) {
        Graph graph = new Graph(1, DType.F32);
        ScoringGraph scoring = new LabelMatching(7).build(new Layers(graph, adaptation), new Encoder(CONFIG), Capacity.ofTokens(64));
        ParameterLayout layout = new ParameterLayout(graph.leaves(Leaf.Kind.PARAMETER));
        try (Weights weights = new Weights(MODEL.weights()); Parameters parameters = layout.entries().isEmpty() ? null : new Parameters(layout, 1)) {
            if (parameters != null) {
                parameters.write(0, PROMPT, softEmbeddings());
            }
            try (Program program = Program.compile(Plan.of(graph), new ModelStorage(weights, parameters), Device.cpu(1))) {
                BatchWriter writer = new BatchWriter(program, scoring, CONFIG);
                writer.begin();
                assertTrue(writer.add(row, 1));
                writer.endLane(0);
                writer.end();
                program.run(Stage.COMPUTE);
                float[] scores = new float[row.candidates().length];
                program.read(scoring.scores(), scores);
                return scores;
            }
        }
    }

    private static float[] softEmbeddings() {
        float[] words = MODEL.weights().get(WORDS).floats();
        int d = CONFIG.hiddenSize();
        float[] soft = new float[SOFT.length * d];
        for (int i = 0; i < SOFT.length; i++) {
            System.arraycopy(words, SOFT[i] * d, soft, i * d, d);
        }
        return soft;
    }

    @Test
    void virtualTokensCountAsWords() {
        int[][] texts = {{5, 6, 7}, {8}, {9, 10, 11, 12}};
        float[] hard = scores(Adaptation.frozen(), row(SOFT, texts));
        assertArrayEquals(hard, scores(PROMPTED, row(new int[0], texts)), 1e-5f);
        assertTrue(Math.abs(hard[0] - scores(Adaptation.frozen(), row(new int[0], texts))[0]) > 1e-3, "the words before the text change nothing");
    }

    @Test
    void aTextThatHasNoPositionsLeftIsRefused() {
        int[] nine = new int[CONFIG.maxPositions() - SOFT.length], ten = new int[nine.length + 1];
        scores(PROMPTED, row(new int[0], nine, nine));
        String message = assertThrows(BadInputException.class, () -> scores(PROMPTED, row(new int[0], ten, nine))).getMessage();
        assertTrue(message.contains("A text of 10 tokens") && message.contains("at most 9"), message);
    }
}
