package org.primer4j.experiment.study.spec;

import java.util.function.Supplier;
import org.primer4j.BadInputException;

/** Complaints of what is made of an experiment's values, put into the words of its file. */
final class SpecErrors {

    private SpecErrors() {
    }

    /** What is made; a complaint begins with the part of the file that it is about. */
    static <T> T of(String part, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException | BadInputException e) {
            throw new BadInputException(part + ": " + sentence(e) + ".", e);
        }
    }

    /** A complaint without its full stop. The file's keys are the command line's options without their dashes. */
    static String sentence(RuntimeException complaint) {
        return complaint.getMessage().replaceAll("(?<![\\w-])--(?=[a-z])", "").replaceFirst("\\.$", "");
    }
}
