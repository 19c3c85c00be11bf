package org.primer4j.gpucheck;

/** A figure that the project set itself. A missed one is said, and is no failure of the check. */
record Goal(String what, double found, double least) {

    boolean met() {
        return found >= least;
    }
}
