package org.primer4j.gym;

import org.primer4j.BadInputException;

/** What kind of output a task asks for, after CrossFit's ontology (Ye et al. 2021, figure 2). */
public enum TaskType {
    /** Every output is one of the labels seen in the train file. */
    CLASSIFICATION,
    /** Every output is one of the options written in its input. */
    MULTIPLE_CHOICE,
    /** Question answering: a short free text. */
    QA,
    /** Conditional generation: free text. */
    GENERATION,
    /** A number, written out. */
    REGRESSION,
    /** Free text of any other kind. */
    FREE_TEXT;

    /** Whether the outputs that may be given are known beforehand: classification and multiple choice. */
    public boolean closed() {
        return this == CLASSIFICATION || this == MULTIPLE_CHOICE;
    }

    /**
     * The type for a word of a task table.
     *
     * @param place file and line, for the message
     * @throws BadInputException if the word is none of those known
     */
    static TaskType named(String word, String place) {
        return switch (word) {
            case "classification" -> CLASSIFICATION;
            case "multiple_choice" -> MULTIPLE_CHOICE;
            case "qa" -> QA;
            case "generation" -> GENERATION;
            case "regression" -> REGRESSION;
            case "other" -> FREE_TEXT;
            default -> throw new BadInputException(place + ": the type '" + word
                    + "' is unknown; expected classification, multiple_choice, generation, qa, regression or other.");
        };
    }
}
