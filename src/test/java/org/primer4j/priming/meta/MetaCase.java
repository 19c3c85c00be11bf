package org.primer4j.priming.meta;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.primer4j.engine.Device;
import org.primer4j.model.ParameterLayout.Entry;
import org.primer4j.model.Parameters;
import org.primer4j.model.Weights;
import org.primer4j.model.io.BartConfig;
import org.primer4j.model.io.PretrainedModel;
import org.primer4j.model.io.RandomModel;
import org.primer4j.model.io.T5Config;
import org.primer4j.model.io.TensorData;
import org.primer4j.objective.Capacity;
import org.primer4j.objective.EncodedExample;
import org.primer4j.objective.JointScoring;
import org.primer4j.objective.ScoringSettings;
import org.primer4j.objective.TaskRow;
import org.primer4j.objective.TextFormat;
import org.primer4j.objective.seq2seq.Seq2SeqCapacity;
import org.primer4j.objective.seq2seq.Seq2SeqFormat;
import org.primer4j.objective.seq2seq.Seq2SeqSettings;
import org.primer4j.peft.Lora;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.Tunables;
import org.primer4j.random.Philox;
import org.primer4j.training.Learner;
import org.primer4j.training.Optimizer;
import org.primer4j.training.ScoringLearner;
import org.primer4j.training.Seq2SeqLearner;
import org.primer4j.training.SmallBart;
import org.primer4j.training.TinyEncoder;

/** A small model with episodes of random rows, and what its meta-gradient should be, for tests. */
final class MetaCase<E extends TaskRow> {

    static final Lora LORA = Lora.queryValue(2, 4);

    static final double RATE = 0.3;

    final Learner<E> learner;
    final PretrainedModel model;
    final List<E> rows;

    private MetaCase(Learner<E> learner, PretrainedModel model, List<E> rows) {
        this.learner = learner;
        this.model = model;
        this.rows = rows;
    }

    /** BART, with label smoothing. */
    static MetaCase<?> bart(int room) {
        return new MetaCase<>(seq2Seq(room), SmallBart.strong(4), SmallBart.rows(60, 9, 7));
    }

    /** The same, whose configuration has BART's dropout after activations. */
    static MetaCase<?> bartWithDropout(int room) {
        BartConfig c = SmallBart.TINY;
        BartConfig dropping = new BartConfig(c.vocabSize(), c.hiddenSize(), c.encoder(), c.decoder(), c.maxPositions(), c.activation(), c.scaleEmbedding(),
            c.padTokenId(), c.bosTokenId(), c.eosTokenId(), c.decoderStartTokenId(), c.forcedBosTokenId(), c.forcedEosTokenId(), 0.1, 0.3, 0.1);
        MetaCase<?> plain = bart(room);
        return new MetaCase<>(seq2Seq(room), plain.model.withConfig(dropping), SmallBart.rows(60, 9, 7));
    }

    /**
     * T5, with label smoothing.
     *
     * @param feedForward its activation; gated ones come with a head of its own, as in version 1.1
     */
    static MetaCase<?> t5(int room, String feedForward) {
        boolean gated = feedForward.startsWith("gated-");
        T5Config config = new T5Config("t5", SmallBart.TINY.vocabSize(), 24, 6, 3, 30, 1, 1, 8, 12, 1e-6, feedForward, gated, !gated, 0, 1, 0, 0);
        PretrainedModel model = RandomModel.of(config, new byte[0], 4);
        return new MetaCase<>(seq2Seq(room), model, SmallBart.rows(60, 9, 7));
    }

    private static Seq2SeqLearner seq2Seq(int room) {
        Seq2SeqSettings settings = new Seq2SeqSettings(Seq2SeqFormat.CROSSFIT.withLimits(12, 6), 0.1);
        return new Seq2SeqLearner(settings, new Seq2SeqCapacity(room, room, room), 1, 1);
    }

    /** BERT with a head of the objective's own. */
    static MetaCase<?> bert(int room) {
        ScoringSettings settings = new ScoringSettings(new JointScoring(), new TextFormat(false, true), 20);
        PretrainedModel random = RandomModel.of(TinyEncoder.CONFIG, new byte[0], 3);
        Map<String, TensorData> weights = new LinkedHashMap<>(random.weights());
        TinyEncoder.weights(3).forEach((name, tensor) -> weights.put(name, TensorData.of(weights.get(name).shape(), tensor.floats())));
        List<EncodedExample> rows = TinyEncoder.withoutTexts(TinyEncoder.rows(60, 8, 5));
        return new MetaCase<>(new ScoringLearner(settings, new Capacity(room, room, room, room)), random.withWeights(weights), rows);
    }

    /** The model's names of tensors with an encoder's or decoder's layer. */
    Predicate<String> lastLayer() {
        return LastLayer.of(model.weights().keySet());
    }

    /** @param method where one of the loops moves any */
    static MetaAdaptation adaptation(PeftMethod method, Tunables tune, Tunables inner, Predicate<String> adapted) {
        return new MetaAdaptation(tune.peft() || inner.peft() ? method : null, tune, inner, true, adapted);
    }

    MetaModel<E> model(Weights weights, MetaAdaptation adaptation, MetaSettings settings) {
        MetaModel<E> made = MetaModel.of(learner, model, weights, adaptation, settings, Device.cpu(2));
        made.reset(11);
        // Where a method starts at zero, as LoRA's B does, the other factor would not matter.
        Philox random = new Philox(12, "start");
        for (Entry entry : made.theta().layout().entries()) {
            if (!weights.has(entry.name())) {
                made.theta().write(0, entry.name(), random(entry.size(), 0.3, random));
            }
        }
        return made;
    }

    static MetaSettings settings(int lanes, int steps, boolean secondOrder) {
        return settings(lanes, steps, RATE, secondOrder);
    }

    static MetaSettings settings(int lanes, int steps, double rate, boolean secondOrder) {
        return new MetaSettings(lanes, steps, rate, secondOrder, Optimizer.AdamW.with(0, 1));
    }

    /** Of Reptile, which moves along no gradient. */
    static MetaSettings reptile(int lanes, int steps, double rate) {
        return new MetaSettings(lanes, steps, rate, false, null);
    }

    static float[] random(int size, double deviation, Philox random) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    /** Batches of different sizes, no two the same. */
    List<Episode<E>> episodes(int count, int steps) {
        List<Episode<E>> episodes = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < count; i++) {
            List<List<E>> support = new ArrayList<>();
            for (int k = 0; k < steps; k++) {
                support.add(rows.subList(at, at += 1 + (i + k) % 3));
            }
            episodes.add(new Episode<>("task" + i, support, rows.subList(at, at += 2 + i % 2)));
        }
        return episodes;
    }

    /** What theta would move along. */
    static Map<String, float[]> gradient(MetaModel<?> model) {
        Map<String, float[]> gradients = new HashMap<>();
        model.theta().layout().entries().forEach(e -> gradients.put(e.name(), model.theta().read(Parameters.GRADIENT_SUM, 0, e.name())));
        return gradients;
    }

    static <E> Map<String, float[]> gradient(MetaModel<E> model, MetaAlgorithm algorithm, List<Episode<E>> episodes) {
        model.clear();
        algorithm.learn(model, episodes);
        return gradient(model);
    }

    static double dot(Map<String, float[]> a, Map<String, float[]> b) {
        return a.keySet().stream().mapToDouble(n -> IntStream.range(0, a.get(n).length).mapToDouble(i -> (double) a.get(n)[i] * b.get(n)[i]).sum()).sum();
    }

    /** ||a - b|| / ||b||, over all tensors. */
    static double error(Map<String, float[]> a, Map<String, float[]> b) {
        double exact = a.keySet().stream().mapToDouble(n -> IntStream.range(0, a.get(n).length)
            .mapToDouble(i -> Math.pow((double) a.get(n)[i] - b.get(n)[i], 2)).sum()).sum();
        return Math.sqrt(exact / dot(b, b));
    }
}
