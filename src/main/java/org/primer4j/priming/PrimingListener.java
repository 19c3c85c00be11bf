package org.primer4j.priming;

/** Told of every outer step. */
@FunctionalInterface
public interface PrimingListener {

    void stepped(PrimingStep step);

    /** Listens to nothing. */
    static PrimingListener none() {
        return step -> { };
    }
}
