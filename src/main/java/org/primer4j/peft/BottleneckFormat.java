package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.primer4j.peft.BottleneckAdapter.Placement;

/** Bottleneck adapters, which the peft library does not have: our own format. */
record BottleneckFormat(Placement placement) implements MethodFormat {

    private static final String WIDTH = "width";

    @Override
    public String type() {
        return placement.name();
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof BottleneckAdapter adapter && adapter.placement() == placement;
    }

    @Override
    public Set<String> fields() {
        return Set.of(WIDTH);
    }

    @Override
    public PeftMethod method(AdapterJson config) {
        return new BottleneckAdapter(config.integer(WIDTH), placement);
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        config.put(WIDTH, ((BottleneckAdapter) method).width());
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        BottleneckAdapter adapter = (BottleneckAdapter) method;
        for (String name : tensors.of(method)) {
            String site = AdapterSites.site(name);
            tensors.require(adapter.hasSite(site), name, "is at a place where " + adapter.methodName() + " has no adapter");
            AdapterSites.check(tensors, site, adapter.width());
        }
    }
}
