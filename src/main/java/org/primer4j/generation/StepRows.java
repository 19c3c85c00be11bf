package org.primer4j.generation;

import java.util.Arrays;

/** The rows of one decoding step: reused from step to step. */
public final class StepRows {

    private final int[] source;
    private final int[] parent;
    private final int[] token;
    private final int[] banOffsets;
    private final boolean renormalise;
    private int[] bans;
    private int count;
    private int position;
    private int candidates;

    /**
     * @param rows most rows
     * @param renormalise whether bans act on logits, before the softmax (greedy search), or on log-probabilities (beam search)
     */
    StepRows(int rows, boolean renormalise) {
        this.source = new int[rows];
        this.parent = new int[rows];
        this.token = new int[rows];
        this.banOffsets = new int[rows + 1];
        this.bans = new int[rows];
        this.renormalise = renormalise;
    }

    /** Starts the step that feeds tokens at {@code place}, 0 for the start tokens. */
    void begin(int place, int asked) {
        count = 0;
        position = place;
        candidates = asked;
    }

    void add(int rowSource, int rowParent, int rowToken) {
        source[count] = rowSource;
        parent[count] = rowParent;
        token[count] = rowToken;
        count++;
        banOffsets[count] = banOffsets[count - 1];
    }

    /** Bans a token from following the row that was added last. */
    void addBan(int banned) {
        int at = banOffsets[count]++;
        if (at == bans.length) {
            bans = Arrays.copyOf(bans, 2 * bans.length);
        }
        bans[at] = banned;
    }

    /** Rows. */
    public int count() {
        return count;
    }

    /** Place of the fed tokens in their sequences, from 0. */
    public int position() {
        return position;
    }

    /** Next tokens wanted for each row; 0 when what follows is known already. */
    public int candidates() {
        return candidates;
    }

    /** Whether bans act on logits, before the softmax, instead of on log-probabilities. */
    public boolean renormalise() {
        return renormalise;
    }

    /** The row's source. */
    public int source(int row) {
        return source[row];
    }

    /** The row of the last step that this one continues; -1 in the first step. */
    public int parent(int row) {
        return parent[row];
    }

    /** The token that the row is fed. */
    public int token(int row) {
        return token[row];
    }

    /** First of the row's bans; for {@code row = count()} the number of all bans. */
    public int banOffset(int row) {
        return banOffsets[row];
    }

    /** A banned token. */
    public int ban(int index) {
        return bans[index];
    }
}
