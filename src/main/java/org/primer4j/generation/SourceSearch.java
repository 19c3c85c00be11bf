package org.primer4j.generation;

import java.util.List;

/**
 * The search for one source's sequences. In each step every beam's best next tokens are ranked by the sum of log-probabilities
 * over all beams (Graves 2012); with one beam that is greedy search. Rules and their order are transformers':
 * the best {@link GenerationSettings#candidates} are looked at; those that end are finished when they are among the first
 * {@code beams} of them, the first {@code beams} others go on.
 */
final class SourceSearch {

    private final GenerationSettings settings;
    private final RunningBeams running;
    private final FinishedBeams finished;
    private final Candidates candidates;
    private boolean done;

    SourceSearch(GenerationSettings settings) {
        this.settings = settings;
        this.running = new RunningBeams(settings.beams(), settings.maxLength(), settings.decoderStart());
        this.finished = new FinishedBeams(settings.beams());
        this.candidates = new Candidates(settings.candidates());
    }

    boolean isDone() {
        return done;
    }

    /** Rows that the next step has of this source. */
    int rows() {
        return running.count();
    }

    /** Complete sequences, best first. */
    List<Hypothesis> hypotheses() {
        return finished.all();
    }

    /**
     * Adds a row for each beam.
     *
     * @param source number of this source
     * @param firstParent first row of this source in the last step
     */
    void write(int source, int firstParent, StepRows rows) {
        int length = running.length();
        for (int beam = 0; beam < running.count(); beam++) {
            int[] tokens = running.tokens(beam);
            rows.add(source, running.parent(beam) < 0 ? -1 : firstParent + running.parent(beam), tokens[length - 1]);
            if (rows.candidates() > 0) {
                RepeatedNgrams.ban(tokens, length, settings.noRepeatNgram(), rows);
                if (length < settings.minLength()) {
                    rows.addBan(settings.eos());
                }
            }
        }
    }

    /** Goes on with the best of what a step gave this source's rows, {@code firstRow} the first of them. */
    void advance(TopTokens top, int firstRow) {
        candidates.clear();
        for (int beam = 0; beam < running.count(); beam++) {
            int rank = 0;
            while (rank < top.candidates() && offer(top, firstRow, beam, rank)) {
                rank++;
            }
        }
        choose();
    }

    // A row's tokens come best first: behind one that is not kept, none is.
    private boolean offer(TopTokens top, int firstRow, int beam, int rank) {
        int row = firstRow + beam;
        return candidates.offer(beam, top.token(row, rank), running.sum(beam) + top.logProb(row, rank));
    }

    /** Goes on with a token that must follow; its probability is 1. */
    void force(int token) {
        candidates.clear();
        for (int beam = 0; beam < running.count(); beam++) {
            candidates.offer(beam, token, running.sum(beam));
        }
        choose();
    }

    private void choose() {
        if (candidates.count() == 0) {
            throw new IllegalStateException("no token may follow " + running.length() + " tokens; lower no_repeat_ngram_size or min_length");
        }
        int next = running.length() + 1;
        for (int rank = 0; rank < candidates.count(); rank++) {
            if (!settings.ends(candidates.token(rank), next)) {
                keep(rank);
            } else if (rank < settings.beams()) {
                finish(rank, next);
            }
        }
        running.advance();
        done = running.count() == 0 || !canImprove();
    }

    private void keep(int rank) {
        if (!running.isFull()) {
            running.keep(candidates.beam(rank), candidates.token(rank), candidates.sum(rank));
        }
    }

    private void finish(int rank, int length) {
        double score = settings.isGreedy() ? candidates.sum(rank) : settings.score(candidates.sum(rank), length);
        if (finished.takes(score)) {
            finished.add(new Hypothesis(running.continued(candidates.beam(rank), candidates.token(rank)), score));
        }
    }

    private boolean canImprove() {
        if (!finished.isFull()) {
            return true;
        }
        if (settings.earlyStopping() == EarlyStopping.TRUE) {
            return false;
        }
        boolean longest = settings.earlyStopping() == EarlyStopping.NEVER && settings.lengthPenalty() > 0;
        return settings.score(running.sum(0), longest ? settings.maxLength() : running.length()) > finished.worst();
    }
}
