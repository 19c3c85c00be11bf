package org.primer4j.experiment.study.spec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.training.CrossFitProtocol;
import org.primer4j.training.TuningChoice;
import org.primer4j.training.TuningChoice.Protocol;
import org.primer4j.training.TuningSettings;

/**
 * What all methods are tuned with.
 *
 * @param choice a protocol, and what differs from it
 */
public record TuningSpec(TuningChoice choice) {

    private static final List<Integer> QUICK_SAMPLES = List.of(13, 21);
    private static final Set<String> KEYS = Set.of("protocol", "samples", "steps", "rates", "batches", "warmup", "evaluate-every", "dropout", "decay", "clip");

    /** Opens the file's section of that name. */
    static Section section(YamlNode node) {
        return node == null ? null : Section.of("tuning", node, KEYS);
    }

    /** @param section null where the file has none */
    static TuningSpec read(Section section) {
        if (section == null) {
            return new TuningSpec(new TuningChoice(Protocol.quick, null, null, null, 0.1, null, 0.1, 0.01, null));
        }
        Protocol protocol = protocol(section);
        TuningChoice choice = new TuningChoice(protocol, section.integer("steps", 1), section.decimals("rates"), section.integers("batches", 1),
                or(section.decimal("warmup"), 0.1), section.integer("evaluate-every", 1), or(section.decimal("dropout"), CrossFitProtocol.DROPOUT),
                or(section.decimal("decay"), CrossFitProtocol.DECAY), section.decimal("clip"));
        // Numbers out of range are this section's fault, not the first method's.
        section.make(() -> choice.settings("lora"));
        return new TuningSpec(choice);
    }

    /** The protocol that a section names, quick where it names none. */
    static Protocol protocol(Section section) {
        String name = section.word("protocol", Arrays.stream(Protocol.values()).map(Enum::name).toList());
        return name == null ? Protocol.quick : Protocol.valueOf(name);
    }

    /** The samples of each test task. */
    List<Integer> samples(Section section) {
        List<Integer> given = section == null ? null : section.integers("samples", 0);
        return given != null ? given : choice.isCrossFit() ? CrossFitProtocol.SAMPLES : QUICK_SAMPLES;
    }

    private static double or(Double given, double otherwise) {
        return given == null ? otherwise : given;
    }

    /** The settings of a method; its own rates and batches come before those for all. */
    TuningSettings settings(String method, List<Double> rates, List<Integer> batches) {
        return new TuningChoice(choice.protocol(), choice.steps(), rates == null ? choice.rates() : rates, batches == null ? choice.batches() : batches,
                choice.warmup(), choice.evaluateEvery(), choice.dropout(), choice.decay(), choice.clip()).settings(method);
    }

    Map<String, Object> toMap(List<Integer> samples) {
        TuningSettings settings = choice.settings("lora");
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("protocol", choice.protocol().name());
        map.put("samples", samples);
        map.put("steps", settings.training().steps());
        map.put("warmup", settings.training().warmup());
        map.put("evaluate-every", settings.evaluateEvery());
        map.put("dropout", settings.training().dropout());
        map.put("decay", settings.training().decay());
        map.put("clip", settings.training().clip());
        return map;
    }
}
