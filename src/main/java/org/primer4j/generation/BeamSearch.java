package org.primer4j.generation;

import java.util.ArrayList;
import java.util.List;
import org.primer4j.engine.Interruption;

/**
 * Beam search, or greedy search with one beam, for many sources at once: the tokens and scores of transformers'
 * {@code generate} without sampling. Sources do not influence each other; one that is done leaves the step's rows.
 */
public final class BeamSearch {

    private final GenerationSettings settings;
    private final DecodingStep step;
    private final StepRows rows;
    private final TopTokens top;

    /**
     * @param sources most sources at once
     * @param vocabulary number of tokens
     * @throws IllegalArgumentException when a setting names a token that the vocabulary does not have
     */
    public BeamSearch(GenerationSettings settings, DecodingStep step, int sources, int vocabulary) {
        settings.requireVocabulary(vocabulary);
        this.settings = settings;
        this.step = step;
        int most = Math.multiplyExact(sources, settings.beams());
        this.rows = new StepRows(most, settings.isGreedy());
        this.top = new TopTokens(most, Math.min(settings.candidates(), vocabulary));
    }

    /**
     * Searches for the sequences of sources 0 to {@code sources - 1}, which the step knows.
     *
     * @return for each source its sequences, best first: as many as beams, fewer where the settings leave fewer
     * @throws java.util.concurrent.CancellationException when the thread was interrupted
     */
    public List<List<Hypothesis>> run(int sources) {
        List<SourceSearch> searches = new ArrayList<>();
        for (int i = 0; i < sources; i++) {
            searches.add(new SourceSearch(settings));
        }
        int[] firstRow = new int[sources];
        for (int length = 1; searches.stream().anyMatch(s -> !s.isDone()); length++) {
            Interruption.check();
            advance(searches, firstRow, length);
        }
        return searches.stream().map(SourceSearch::hypotheses).toList();
    }

    private void advance(List<SourceSearch> searches, int[] firstRow, int length) {
        int forced = settings.forced(length);
        // Nothing comes after the last token: it need not be fed.
        if (forced == GenerationSettings.NONE || length < settings.maxLength() - 1) {
            write(searches, firstRow, length, forced == GenerationSettings.NONE ? top.candidates() : 0);
            step.run(rows, top);
        }
        for (int i = 0; i < firstRow.length; i++) {
            SourceSearch search = searches.get(i);
            if (search.isDone()) {
                continue;
            }
            if (forced == GenerationSettings.NONE) {
                search.advance(top, firstRow[i]);
            } else {
                search.force(forced);
            }
        }
    }

    private void write(List<SourceSearch> searches, int[] firstRow, int length, int candidates) {
        rows.begin(length - 1, candidates);
        for (int i = 0; i < firstRow.length; i++) {
            int firstParent = firstRow[i];
            firstRow[i] = rows.count();
            if (!searches.get(i).isDone()) {
                searches.get(i).write(i, firstParent, rows);
            }
        }
    }
}
