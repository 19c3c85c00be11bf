package org.primer4j.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.primer4j.model.io.TensorData;

/** IA3 as the peft library's IA3Config has it: factors of outputs are columns there, {@code [out, 1]}, of inputs rows. */
final class Ia3Format implements MethodFormat {

    private static final String TARGETS = "target_modules";
    private static final String FEED_FORWARD = "feedforward_modules";

    @Override
    public String type() {
        return "IA3";
    }

    @Override
    public boolean inPeft() {
        return true;
    }

    @Override
    public boolean writes(PeftMethod method, PeftTarget target) {
        return method instanceof Ia3;
    }

    @Override
    public Set<String> fields() {
        return Set.of(TARGETS, FEED_FORWARD, "init_ia3_weights");
    }

    @Override
    public Ia3 method(AdapterJson config) {
        Set<String> targets = WrappedNames.withoutModel(config.texts(TARGETS));
        config.require(!targets.isEmpty(), TARGETS, "a list of layers");
        return new Ia3(targets, WrappedNames.withoutModel(config.texts(FEED_FORWARD)));
    }

    @Override
    public void write(ObjectNode config, PeftMethod method, Set<String> tensors, PeftTarget target) {
        Ia3 ia3 = (Ia3) method;
        Set<String> layers = tensors.stream().filter(ia3::owns).map(AdapterTensors::module).collect(Collectors.toCollection(TreeSet::new));
        AdapterJson.put(config, TARGETS, LayerTargets.inModel(ia3.targets(), layers));
        AdapterJson.put(config, FEED_FORWARD, LayerTargets.inModel(ia3.feedForward(), layers));
    }

    @Override
    public Map<String, TensorData> pack(PeftMethod method, Map<String, TensorData> tensors, PeftTarget target) {
        Ia3 ia3 = (Ia3) method;
        return WrappedNames.pack(method, tensors, target, (name, tensor) ->
            ia3.scalesInput(AdapterTensors.module(name)) ? tensor : shaped(tensor, tensor.size(), 1));
    }

    // A factor is a row in memory, whatever it scales; the shape in the file is checked before it is lost.
    @Override
    public Content unpack(PeftMethod method, AdapterTensors file, AdapterJson config) {
        Ia3 ia3 = (Ia3) method;
        Map<String, TensorData> tensors = WrappedNames.unpack(file, (name, tensor) -> tensor);
        AdapterTensors named = new AdapterTensors(file.file(), tensors);
        for (String name : named.of(ia3)) {
            boolean row = ia3.scalesInput(AdapterTensors.module(name));
            named.requireShape(name, row ? 1 : AdapterTensors.ANY, row ? AdapterTensors.ANY : 1);
        }
        tensors.replaceAll((name, tensor) -> ia3.owns(name) ? shaped(tensor, 1, tensor.size()) : tensor);
        return new Content(method, tensors);
    }

    private static TensorData shaped(TensorData tensor, long rows, long cols) {
        return TensorData.of(new long[] {rows, cols}, tensor.floats());
    }

    @Override
    public void check(PeftMethod method, AdapterTensors tensors) {
        for (String name : tensors.of(method)) {
            tensors.require(method.changesLayer(AdapterTensors.module(name)), name, "belongs to no layer of target_modules");
            tensors.requireShape(name, 1, AdapterTensors.ANY);
        }
    }
}
