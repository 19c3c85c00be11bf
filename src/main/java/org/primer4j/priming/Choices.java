package org.primer4j.priming;

/** Which parameters the two loops of an algorithm can move. */
final class Choices {

    private Choices() {}

    /** What the inner loop usually moves; null without one. */
    static Tunables usualInner(Algorithm algorithm, Tunables tune) {
        if (!algorithm.isMeta()) {
            return null;
        }
        // Gheini et al. 2022: tasks adapt the PEFT parameters alone, as tuning will.
        return algorithm != Algorithm.REPTILE && tune == Tunables.BOTH ? Tunables.PEFT : tune;
    }

    static void require(Algorithm algorithm, Tunables tune, Tunables inner) {
        String reason = reason(algorithm, tune, inner);
        if (reason != null) {
            throw new IllegalArgumentException(algorithm.text() + " cannot have tune " + tune.text() + (inner == null ? " without inner" : " with inner "
                + inner.text()) + ": " + reason);
        }
    }

    // Null where the choice makes sense.
    private static String reason(Algorithm algorithm, Tunables tune, Tunables inner) {
        if (!algorithm.isMeta()) {
            return inner == null ? null : "it has no inner loop";
        }
        if (inner == null) {
            return "it has an inner loop, which must move something";
        }
        if (algorithm == Algorithm.REPTILE) {
            return inner == tune ? null : "it moves the parameters towards where the inner loop takes them, so that both loops move the same";
        }
        return gradientReason(tune, inner);
    }

    private static String gradientReason(Tunables tune, Tunables inner) {
        return switch (tune) {
            case PLM -> inner != Tunables.BOTH ? null
                : "the inner loop would adapt PEFT parameters that are not learned beside a PLM that is; expected inner plm or peft";
            case PEFT -> inner == Tunables.PEFT ? null
                : "the inner loop would adapt a PLM that tuning leaves as it is; expected inner peft";
            case BOTH -> inner != Tunables.PLM ? null
                : "the inner loop would leave the PEFT parameters, which are all that tuning moves; expected inner peft or both";
        };
    }
}
