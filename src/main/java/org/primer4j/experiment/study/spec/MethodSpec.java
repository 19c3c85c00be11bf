package org.primer4j.experiment.study.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.primer4j.peft.MethodSettings;
import org.primer4j.peft.PeftMethod;
import org.primer4j.training.TuningSettings;

/**
 * A column of the study.
 *
 * @param name     what tables call it
 * @param kind     the method's name, as {@code lora} or {@code prefix+parallel}
 * @param settings of the method; it takes its own
 * @param method   what is tuned
 * @param tuning   how
 */
public record MethodSpec(String name, String kind, MethodSettings settings, PeftMethod method, TuningSettings tuning) {

    private static final Set<String> OWN = Set.of("name", "method", "rates", "batches");

    /** The settings that a method has, in the file's words. */
    private static final Map<String, List<String>> BY_METHOD = Map.of("lora", List.of("rank", "alpha", "rslora", "lora-dropout", "targets"),
            "houlsby", List.of("bottleneck"), "pfeiffer", List.of("bottleneck"), "parallel", List.of("bottleneck", "parallel-scale"),
            "prefix", List.of("prefix-length", "prefix-sites"), "prompt", List.of("prompt-length"));

    static List<MethodSpec> read(YamlNode node, TuningSpec tuning) {
        List<MethodSpec> methods = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlNode item : node.list("methods")) {
            MethodSpec method = one(item, tuning);
            methods.add(method);
            if (!names.add(method.name)) {
                throw item.bad("the method's name is '" + method.name + "', which is another method's too; expected a 'name' for each");
            }
        }
        if (methods.isEmpty()) {
            throw node.bad("methods is an empty list; expected at least one method");
        }
        return methods;
    }

    private static MethodSpec one(YamlNode item, TuningSpec tuning) {
        // Any map may come with a method's name; which other keys it may have depends on it.
        Section any = Section.of("a method", item, item.map("a method").keySet());
        any.required("method");
        String kind = any.text("method");
        requireKnown(kind, any.get("method"));
        Set<String> keys = new TreeSet<>(OWN);
        keys.addAll(keys(kind));
        Section section = Section.of("the method " + kind, item, keys);
        MethodSettings settings = section.make(() -> settings(section));
        PeftMethod method = section.make(() -> settings.method(kind));
        String name = section.has("name") ? section.name("name") : kind;
        TuningSettings tuned = section.make(() -> tuning.settings(kind, section.decimals("rates"), section.integers("batches", 1)));
        return new MethodSpec(name, kind, settings, method, tuned);
    }

    private static void requireKnown(String kind, YamlNode node) {
        for (String part : kind.split("\\+", -1)) {
            if (!MethodSettings.NAMES.contains(part)) {
                throw node.bad("there is no method '" + part + "'; expected one of " + String.join(", ", MethodSettings.NAMES));
            }
        }
    }

    private static List<String> keys(String kind) {
        return Arrays.stream(kind.split("\\+")).flatMap(part -> BY_METHOD.getOrDefault(part, List.of()).stream()).distinct().toList();
    }

    // The command line's defaults, but for CrossFit's width of an adapter.
    private static MethodSettings settings(Section section) {
        return new MethodSettings(or(section.integer("rank", 1), 8), or(section.decimal("alpha"), 16.0), or(section.bool("rslora"), false),
                or(section.decimal("lora-dropout"), 0.0), or(section.texts("targets"), List.of("query", "value")), or(section.integer("bottleneck", 1), 64),
                or(section.decimal("parallel-scale"), 4.0), or(section.integer("prefix-length", 1), 30),
                or(section.texts("prefix-sites"), List.of("encoder", "decoder", "cross")), or(section.integer("prompt-length", 1), 100));
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /** All that bears on a tuned adapter, for its cell. */
    public Map<String, Object> identity() {
        Map<String, Object> map = ownSettings();
        map.put("method", kind);
        return map;
    }

    private Map<String, Object> ownSettings() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("rank", settings.rank());
        all.put("alpha", settings.alpha());
        all.put("rslora", settings.rankStabilised());
        all.put("lora-dropout", settings.loraDropout());
        all.put("targets", settings.targets());
        all.put("bottleneck", settings.bottleneck());
        all.put("parallel-scale", settings.parallelScale());
        all.put("prefix-length", settings.prefixLength());
        all.put("prefix-sites", settings.prefixSites());
        all.put("prompt-length", settings.promptLength());
        all.keySet().retainAll(keys(kind));
        return all;
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("method", kind);
        map.putAll(ownSettings());
        map.put("rates", tuning.grid().rates());
        map.put("batches", tuning.grid().batches());
        return map;
    }
}
