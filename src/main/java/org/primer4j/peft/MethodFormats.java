package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.primer4j.BadInputException;
import org.primer4j.peft.BottleneckAdapter.Placement;

/** Every method's format. */
final class MethodFormats {

    static final String TYPE = "peft_type";

    private static final List<MethodFormat> ALL = List.of(new LoraFormat(), new Ia3Format(), new SlotFormat(), new PromptFormat(), new PrefixFormat(),
        new BottleneckFormat(Placement.HOULSBY), new BottleneckFormat(Placement.PFEIFFER), new ParallelFormat(), new BitFitFormat(), new FullFormat(),
        new CombinationFormat());

    private MethodFormats() {}

    /** The format that a file names. */
    static MethodFormat of(AdapterJson config) {
        String type = config.text(TYPE);
        return ALL.stream().filter(format -> format.type().equals(type)).findFirst().orElseThrow(() ->
            config.bad(TYPE, "one of " + ALL.stream().map(MethodFormat::type).collect(Collectors.joining(", "))));
    }

    /** The format that a method is written in for a model; for null, as a part of a combination. */
    static MethodFormat of(PeftMethod method, PeftTarget target) {
        return ALL.stream().filter(format -> format.writes(method, target)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no format holds the method " + method));
    }

    /** Writes type and fields. */
    static void write(MethodFormat format, ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        config.put(TYPE, format.type());
        format.write(config, method, tensors, target);
    }

    /** The method of a file's object; what the method's record complains of is the file's fault. */
    static PeftMethod read(MethodFormat format, AdapterJson config) {
        try {
            return format.method(config);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(config.file() + ": " + e.getMessage() + ".", e);
        }
    }
}
