package org.primer4j.verify;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.peft.PeftMethod;
import org.primer4j.priming.Tunables;
import org.primer4j.priming.meta.Anil;
import org.primer4j.priming.meta.Fomaml;
import org.primer4j.priming.meta.LastLayer;
import org.primer4j.priming.meta.Maml;
import org.primer4j.priming.meta.MetaAdaptation;
import org.primer4j.priming.meta.MetaAlgorithm;
import org.primer4j.priming.meta.MetaSettings;
import org.primer4j.priming.meta.Reptile;
import org.primer4j.training.Optimizer;

/**
 * What the name of a case of meta-learning says, such as {@code meta/maml_lora_plm_3}.
 *
 * @param kind hvp, maml, fomaml, anil, reptile or outer_adamw (of maml)
 * @param moves what the two loops move: full or all_all, lora or lora_lora, or lora_plm (LoRA inside, all outside)
 * @param innerSteps of each episode
 */
record MetaChoice(String kind, String moves, int innerSteps) {

    private static final Pattern NAME = Pattern.compile("meta/(?:(hvp)_(full|lora)|(maml|fomaml|anil)_(all_all|lora_lora|lora_plm)_(\\d)"
        + "|(reptile|outer_adamw)_(all_all|lora_lora|lora_plm))");
    private static final Optimizer ADAMW = Optimizer.AdamW.with(0.01, 0);
    private static final int REPTILE_STEPS = 3;
    private static final int OUTER_ADAMW_STEPS = 2;
    /** Tasks side by side, where the PLM is the same for all: three tasks make a full group and one that is not. */
    private static final int LANES = 2;

    /** @throws BadInputException when the name is none that is known */
    static MetaChoice of(String name) {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new BadInputException(name + " is not supported yet: it is no case of meta-learning that is known.");
        }
        if (parts.group(1) != null) {
            return new MetaChoice(parts.group(1), parts.group(2), 1);
        }
        if (parts.group(3) != null) {
            return new MetaChoice(parts.group(3), parts.group(4), Integer.parseInt(parts.group(5)));
        }
        return new MetaChoice(parts.group(6), parts.group(7), parts.group(6).equals("reptile") ? REPTILE_STEPS : OUTER_ADAMW_STEPS);
    }

    boolean isHvp() {
        return kind.equals("hvp");
    }

    /** @param lora the method where one is moved */
    MetaAdaptation adaptation(PeftMethod lora, Collection<String> tensors) {
        Tunables inner = movesPlmInside() ? Tunables.PLM : Tunables.PEFT;
        Tunables tune = moves.equals("lora_plm") ? Tunables.BOTH : inner;
        PeftMethod method = movesPlmInside() ? null : lora;
        return kind.equals("anil") ? new MetaAdaptation(method, tune, inner, true, LastLayer.of(tensors)) : new MetaAdaptation(method, tune, inner, true);
    }

    private boolean movesPlmInside() {
        return moves.equals("full") || moves.equals("all_all");
    }

    MetaSettings settings(double innerRate) {
        return new MetaSettings(movesPlmInside() ? 1 : LANES, innerSteps, innerRate, isHvp() || algorithm().secondOrder(),
            kind.equals("reptile") ? null : ADAMW);
    }

    MetaAlgorithm algorithm() {
        return switch (kind) {
            case "maml", "outer_adamw" -> new Maml();
            case "fomaml" -> new Fomaml();
            case "anil" -> new Anil();
            case "reptile" -> new Reptile();
            default -> throw new IllegalStateException(kind + " is no algorithm");
        };
    }
}
