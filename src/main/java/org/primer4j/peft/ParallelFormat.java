package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** Parallel adapters, which the peft library does not have: our own format. */
final class ParallelFormat implements MethodFormat {

    private static final String WIDTH = "width";
    private static final String SCALE = "scale";

    @Override
    public String type() {
        return "PARALLEL";
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof ParallelAdapter;
    }

    @Override
    public Set<String> fields() {
        return Set.of(WIDTH, SCALE);
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        return new ParallelAdapter(config.integer(WIDTH), config.number(SCALE));
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        ParallelAdapter adapter = (ParallelAdapter) method;
        config.put(WIDTH, adapter.width()).put(SCALE, adapter.scale());
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        for (String name : tensors.of(method)) {
            String site = AdapterSites.site(name);
            tensors.require(!AdapterSites.isAttention(site), name, "is at a place where parallel has no adapter");
            AdapterSites.check(tensors, site, ((ParallelAdapter) method).width());
        }
    }
}
