package org.primer4j.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The slow reference: all sources in lockstep until the last is done, the whole (beam, token) table sorted in each step,
 * dead beams and empty places with a score of -1e9, as the description of transformers' algorithm has them.
 */
final class DenseBeamSearch {

    private static final double DEAD = -1e9;

    private record Beam(int[] tokens, double score, boolean finished) {}

    private final GenerationSettings s;
    private final SequenceStep.Model model;
    private final int vocabulary;
    private final List<List<Beam>> running = new ArrayList<>();
    private final List<List<Beam>> finished = new ArrayList<>();
    private final boolean[] frozen;

    DenseBeamSearch(GenerationSettings settings, SequenceStep.Model model, int sources, int vocabulary) {
        this.s = settings;
        this.model = model;
        this.vocabulary = vocabulary;
        this.frozen = new boolean[sources];
        for (int i = 0; i < sources; i++) {
            running.add(new ArrayList<>());
            finished.add(new ArrayList<>());
            for (int b = 0; b < s.beams(); b++) {
                running.get(i).add(new Beam(new int[] {s.decoderStart()}, b == 0 ? 0 : DEAD, false));
                finished.get(i).add(new Beam(new int[] {s.decoderStart()}, DEAD, false));
            }
        }
    }

    List<List<Hypothesis>> run() {
        for (int length = 1; goesOn(length); length++) {
            for (int i = 0; i < running.size(); i++) {
                step(i, length);
            }
        }
        return finished.stream().map(list -> list.stream().filter(Beam::finished).filter(b -> b.score > DEAD / 1e3)
            .map(b -> new Hypothesis(b.tokens, b.score)).toList()).toList();
    }

    private boolean goesOn(int length) {
        boolean all = finished.stream().allMatch(list -> list.stream().allMatch(Beam::finished));
        boolean improvable = IntStream.range(0, frozen.length).anyMatch(i -> !frozen[i]);
        return improvable && !(all && s.earlyStopping() == EarlyStopping.TRUE) && length < s.maxLength();
    }

    private void step(int i, int length) {
        List<Beam> table = new ArrayList<>();
        for (Beam beam : running.get(i)) {
            double[] logProbs = processed(i, beam.tokens);
            for (int v = 0; v < vocabulary; v++) {
                int[] tokens = Arrays.copyOf(beam.tokens, length + 1);
                tokens[length] = v;
                table.add(new Beam(tokens, beam.score + logProbs[v], v == s.eos() || length + 1 >= s.maxLength()));
            }
        }
        table.sort(Comparator.comparingDouble(b -> -b.score));
        List<Beam> best = table.subList(0, 2 * s.beams());
        boolean full = s.earlyStopping() == EarlyStopping.TRUE && finished.get(i).stream().allMatch(Beam::finished);
        running.set(i, best.stream().map(b -> new Beam(b.tokens, b.score + (b.finished ? DEAD : 0), false))
            .sorted(Comparator.comparingDouble(b -> -b.score)).limit(s.beams()).toList());
        List<Beam> merged = new ArrayList<>(finished.get(i));
        if (!full && !frozen[i]) {
            best.subList(0, s.beams()).stream().filter(Beam::finished)
                .forEach(b -> merged.add(new Beam(b.tokens, b.score / Math.pow(length, s.lengthPenalty()), true)));
        }
        merged.sort(Comparator.comparingDouble(b -> -b.score));
        finished.set(i, merged.subList(0, s.beams()));
        freeze(i, length);
    }

    private void freeze(int i, int generated) {
        boolean longest = s.earlyStopping() == EarlyStopping.NEVER && s.lengthPenalty() > 0;
        double best = running.get(i).get(0).score / Math.pow(longest ? s.maxLength() - 1 : generated, s.lengthPenalty());
        double worst = finished.get(i).stream().mapToDouble(Beam::score).min().orElseThrow();
        frozen[i] |= finished.get(i).stream().noneMatch(b -> best > (b.finished ? worst : DEAD));
    }

    private double[] processed(int source, int[] tokens) {
        boolean[] banned = new boolean[vocabulary];
        int n = s.noRepeatNgram();
        for (int at = 0; n > 0 && at + n <= tokens.length; at++) {
            banned[tokens[at + n - 1]] |= Arrays.equals(tokens, at, at + n - 1, tokens, tokens.length - n + 1, tokens.length);
        }
        banned[s.eos()] |= tokens.length < s.minLength();
        double[] logProbs = SequenceStep.logProbs(model.logits(source, tokens), banned, false);
        int forced = s.forcedEos() >= 0 && tokens.length == s.maxLength() - 1 ? s.forcedEos() : tokens.length == 1 ? s.forcedBos() : -1;
        if (forced >= 0) {
            Arrays.fill(logProbs, Double.NEGATIVE_INFINITY);
            logProbs[forced] = 0;
        }
        return logProbs;
    }
}
