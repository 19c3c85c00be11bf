package org.primer4j.gym;

import org.primer4j.BadInputException;

/** Where the candidate outputs of a task come from. */
public enum TaskType {
    /** Every output is one of the labels seen in the train file. */
    CLASSIFICATION,
    /** Every output is one of the options written in its input. */
    MULTIPLE_CHOICE,
    /** Free text: generation, question answering. */
    OTHER;

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
            case "generation", "qa", "regression", "other" -> OTHER;
            default -> throw new BadInputException(place + ": the type '" + word
                    + "' is unknown; expected classification, multiple_choice, generation, qa, regression or other.");
        };
    }
}
