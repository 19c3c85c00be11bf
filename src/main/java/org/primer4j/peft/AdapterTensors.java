package org.primer4j.peft;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;

/** Whether a file's tensors are a method's: each layer's set is whole and has the shapes that rank or width ask for. */
final class AdapterTensors {

    private static final String LORA_A = ".lora_A.weight";
    private static final String LORA_B = ".lora_B.weight";
    private static final Pattern BOTTLENECK = Pattern.compile("(.+)(\\.adapter\\.)(down|up)\\.(weight|bias)");

    private final Path file;
    private final Map<String, TensorData> tensors;

    private AdapterTensors(Path file, Map<String, TensorData> tensors) {
        this.file = file;
        this.tensors = tensors;
    }

    /** Whether a tensor is the method's own; else it is an objective's head. */
    static boolean belongs(PeftMethod method, String name) {
        if (method instanceof Lora) {
            return name.endsWith(LORA_A) || name.endsWith(LORA_B);
        }
        return method instanceof BottleneckAdapter ? BOTTLENECK.matcher(name).matches() : method.trains(name);
    }

    /** The module of a tensor: its name without the last part. */
    static String module(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    /** The layer that a tensor of LoRA updates. */
    static String loraLayer(String name) {
        return name.substring(0, name.length() - LORA_A.length());
    }

    /**
     * Checks all tensors.
     *
     * @param heads modules beside the method's own that were trained
     * @throws BadInputException naming the first tensor that does not fit
     */
    static void check(Path file, PeftMethod method, Set<String> heads, Map<String, TensorData> tensors) {
        AdapterTensors checked = new AdapterTensors(file, tensors);
        if (tensors.keySet().stream().noneMatch(name -> belongs(method, name))) {
            throw new BadInputException(file + ": found no tensor of " + method.methodName() + "; expected those of a trained adapter.");
        }
        tensors.keySet().forEach(name -> checked.check(method, heads, name));
    }

    private void check(PeftMethod method, Set<String> heads, String name) {
        if (!belongs(method, name)) {
            require(heads.contains(module(name)), name, "is none of " + method.methodName() + " nor of modules_to_save " + heads);
        } else if (method instanceof Lora lora) {
            checkLora(lora, name);
        } else if (method instanceof BottleneckAdapter adapter) {
            checkBottleneck(adapter, name);
        }
    }

    private void checkLora(Lora lora, String name) {
        String layer = loraLayer(name);
        require(lora.applies(layer), name, "belongs to no layer of target_modules " + lora.targets());
        requireShape(layer + LORA_A, lora.rank(), -1);
        requireShape(layer + LORA_B, -1, lora.rank());
    }

    private void checkBottleneck(BottleneckAdapter adapter, String name) {
        Matcher parts = BOTTLENECK.matcher(name);
        require(parts.matches(), name, "is none of an adapter");
        require(adapter.hasSite(parts.group(1)), name, "is at a place where " + adapter.methodName() + " has no adapter");
        String site = parts.group(1) + parts.group(2);
        requireShape(site + "down.weight", adapter.width(), -1);
        requireShape(site + "down.bias", adapter.width());
        int d = (int) tensors.get(site + "down.weight").shape()[1];
        requireShape(site + "up.weight", d, adapter.width());
        requireShape(site + "up.bias", d);
    }

    private void require(boolean holds, String name, String problem) {
        if (!holds) {
            throw new BadInputException(file + ": tensor '" + name + "' " + problem + "; expected the tensors of its adapter_config.json.");
        }
    }

    // -1 stands for any size.
    private void requireShape(String name, int... expected) {
        TensorData tensor = tensors.get(name);
        String wanted = Arrays.toString(expected).replace("-1", "any");
        require(tensor != null, name, "of shape " + wanted + " is missing");
        long[] found = tensor.shape();
        boolean fits = found.length == expected.length;
        for (int i = 0; fits && i < found.length; i++) {
            fits = expected[i] == -1 || expected[i] == found[i];
        }
        require(fits, name, "has shape " + Arrays.toString(found) + ", not " + wanted);
    }
}
