package org.primer4j.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** A step without a cache: it keeps each row's whole sequence, scores it anew and sorts the whole vocabulary. */
final class SequenceStep implements DecodingStep {

    /** Logits of what follows a source's sequence. */
    interface Model {

        double[] logits(int source, int[] sequence);
    }

    private final Model model;
    private List<int[]> sequences = List.of();
    private List<Integer> sources = List.of();
    final List<Integer> rowCounts = new ArrayList<>();

    SequenceStep(Model model) {
        this.model = model;
    }

    @Override
    public void run(StepRows rows, TopTokens top) {
        List<int[]> next = new ArrayList<>();
        List<Integer> nextSources = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            int parent = rows.parent(row);
            int[] sequence = Arrays.copyOf(parent < 0 ? new int[0] : sequences.get(parent), rows.position() + 1);
            if (parent >= 0 && sources.get(parent) != rows.source(row) || parent < 0 != (rows.position() == 0)) {
                throw new IllegalStateException("row " + row + " of source " + rows.source(row) + " has the parent " + parent);
            }
            sequence[rows.position()] = rows.token(row);
            next.add(sequence);
            nextSources.add(rows.source(row));
            if (rows.candidates() > 0) {
                rank(rows, row, sequence, top);
            }
        }
        sequences = next;
        sources = nextSources;
        rowCounts.add(rows.count());
    }

    private void rank(StepRows rows, int row, int[] sequence, TopTokens top) {
        boolean[] banned = new boolean[model.logits(rows.source(row), sequence).length];
        for (int i = rows.banOffset(row); i < rows.banOffset(row + 1); i++) {
            banned[rows.ban(i)] = true;
        }
        double[] logProbs = logProbs(model.logits(rows.source(row), sequence), banned, rows.renormalise());
        int[] order = IntStream.range(0, logProbs.length).boxed().sorted(Comparator.comparingDouble(v -> -logProbs[v])).mapToInt(v -> v).toArray();
        for (int k = 0; k < rows.candidates(); k++) {
            top.tokens()[row * rows.candidates() + k] = order[k];
            top.logProbs()[row * rows.candidates() + k] = (float) logProbs[order[k]];
        }
    }

    /** Log-softmax with bans before it or after it. */
    static double[] logProbs(double[] logits, boolean[] banned, boolean before) {
        double[] x = logits.clone();
        IntStream.range(0, x.length).filter(v -> before && banned[v]).forEach(v -> x[v] = Double.NEGATIVE_INFINITY);
        double max = Arrays.stream(x).max().orElseThrow();
        double sum = Math.log(Arrays.stream(x).map(v -> Math.exp(v - max)).sum()) + max;
        return IntStream.range(0, x.length).mapToDouble(v -> banned[v] ? Double.NEGATIVE_INFINITY : (float) (x[v] - sum)).toArray();
    }
}
