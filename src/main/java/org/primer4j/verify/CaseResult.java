package org.primer4j.verify;

/**
 * One comparison of a golden case, or the reason why there is none.
 *
 * @param file path of the file with the reference, in the golden folder
 * @param caseName the case's path there, such as {@code models/bert}
 * @param tensor name of the reference; empty when the case could not be run
 * @param relError the error that the tolerance limits; NaN when nothing was compared
 * @param tolerance largest error that passes
 * @param passed whether it is within
 * @param problem one sentence on what went wrong; null when it passed
 */
public record CaseResult(String file, String caseName, String tensor, double relError, double tolerance, boolean passed, String problem) {

    static CaseResult compared(String file, String caseName, String tensor, double relError, double tolerance) {
        // NaN compares as false: it never passes.
        boolean passed = relError <= tolerance;
        String problem = passed ? null : "the relative error of " + tensor + " is " + relError + "; expected at most " + tolerance + ".";
        return new CaseResult(file, caseName, tensor, relError, tolerance, passed, problem);
    }

    static CaseResult failed(String file, String caseName, String tensor, String problem) {
        return new CaseResult(file, caseName, tensor, Double.NaN, 0, false, problem);
    }
}
