package org.primer4j.training;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.graph.Leaf;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Value;
import org.primer4j.model.ParameterLayout;

/** Derivatives that a program writes straight to their places in flat vectors. */
public final class Placements {

    private final Map<Value, Plan.Placement> places = new HashMap<>();

    /**
     * Adds derivatives, one for each leaf. One that lies elsewhere already is copied.
     *
     * @param layout where a leaf's numbers lie in the vector
     * @param vector the STATE leaf to write to
     */
    public void add(ParameterLayout layout, List<Value> leaves, List<Value> derivatives, Value vector) {
        for (int i = 0; i < leaves.size(); i++) {
            Value derivative = derivatives.get(i);
            if (places.containsKey(derivative) || derivative.node().op() instanceof Leaf) {
                derivative = Ops.scale(derivative, 1);
            }
            String name = ((Leaf) leaves.get(i).node().op()).leafName();
            places.put(derivative, new Plan.Placement(vector, layout.entry(name).offset()));
        }
    }

    /** For {@link Plan#of(org.primer4j.graph.Graph, Map)}. */
    public Map<Value, Plan.Placement> map() {
        return Collections.unmodifiableMap(places);
    }
}
