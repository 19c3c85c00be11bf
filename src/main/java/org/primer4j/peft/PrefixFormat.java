package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Prefixes at places that the peft library cannot express, such as the encoder of BART: our own format, a tensor for each place. */
final class PrefixFormat implements MethodFormat {

    private static final String LENGTH = "length";
    private static final String SITES = "sites";
    private static final Pattern END = Pattern.compile("\\.prefix\\.(key|value)$");

    @Override
    public String type() {
        return "PREFIX";
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof PrefixTuning;
    }

    @Override
    public Set<String> fields() {
        return Set.of(LENGTH, SITES);
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        Set<AttentionSite> sites = EnumSet.noneOf(AttentionSite.class);
        for (String name : config.texts(SITES)) {
            sites.add(EnumSet.allOf(AttentionSite.class).stream().filter(site -> site.option().equals(name)).findFirst()
                .orElseThrow(() -> config.bad(SITES, "some of " + AttentionSite.options(EnumSet.allOf(AttentionSite.class)))));
        }
        return new PrefixTuning(config.integer(LENGTH), sites);
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        PrefixTuning prefix = (PrefixTuning) method;
        config.put(LENGTH, prefix.length());
        AdapterJson.put(config, SITES, AttentionSite.options(prefix.sites()));
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        PrefixTuning prefix = (PrefixTuning) method;
        for (String name : tensors.of(method)) {
            String site = END.matcher(name).replaceFirst("");
            tensors.require(prefix.sites().contains(AttentionSite.of(site)), name, "is in an attention that has no prefix");
            tensors.requireShape(site + PrefixTuning.KEY, prefix.length(), AdapterTensors.ANY);
            int d = (int) tensors.tensors().get(site + PrefixTuning.KEY).shape()[1];
            tensors.requireShape(site + PrefixTuning.VALUE, prefix.length(), d);
        }
    }
}
