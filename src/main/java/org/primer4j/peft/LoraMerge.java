package org.primer4j.peft;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;
import org.primer4j.model.io.TensorData;

/**
 * Adds LoRA's updates to a model's weights, {@code W + s B A} (Hu et al. 2021, sec. 4.1), and takes them away again. Each number is
 * computed in float64 and rounded once to float32, so that a round trip moves a weight by a rounding error of its size: the drift.
 */
public final class LoraMerge {

    private static final Set<String> HEADS = Set.of("lm_head", "cls.predictions.decoder");

    /**
     * A model's weights with the updates in them.
     *
     * @param weights all weights by their plain names; those that LoRA leaves alone are the model's own
     * @param drift max |W - unmerge(merge(W))| over all updated numbers
     */
    public record Merged(Map<String, TensorData> weights, double drift) {}

    private LoraMerge() {}

    /**
     * The weights that compute without an adapter what the model computes with it.
     *
     * @param weights of the model, by their plain names
     * @throws BadInputException if the adapter is not of LoRA alone, if the model has no such layer, or if a weight is tied to the word
     *                           embeddings, which would change with it
     */
    public static Merged merge(Map<String, TensorData> weights, TrainedAdapter adapter) {
        Lora lora = requireLora(adapter);
        Map<String, TensorData> merged = new LinkedHashMap<>(weights);
        double drift = 0;
        for (String layer : layers(adapter)) {
            float[] before = weight(weights, adapter, layer).floats();
            double[] update = update(adapter, lora, layer);
            float[] after = add(before, update, 1);
            drift = Math.max(drift, distance(before, add(after, update, -1)));
            merged.put(layer + ".weight", TensorData.of(weights.get(layer + ".weight").shape(), after));
        }
        return new Merged(merged, drift);
    }

    /** The weights that {@link #merge} was given, up to its drift. */
    public static Map<String, TensorData> unmerge(Map<String, TensorData> merged, TrainedAdapter adapter) {
        Lora lora = requireLora(adapter);
        Map<String, TensorData> weights = new LinkedHashMap<>(merged);
        for (String layer : layers(adapter)) {
            float[] values = add(weight(merged, adapter, layer).floats(), update(adapter, lora, layer), -1);
            weights.put(layer + ".weight", TensorData.of(merged.get(layer + ".weight").shape(), values));
        }
        return weights;
    }

    private static Lora requireLora(TrainedAdapter adapter) {
        if (!(adapter.method() instanceof Lora lora)) {
            throw new BadInputException("An adapter of " + adapter.method().methodName() + " cannot be merged into weights; expected one of lora.");
        }
        adapter.tensors().keySet().stream().filter(name -> !lora.owns(name)).findFirst().ifPresent(name -> {
            throw new BadInputException("The adapter of " + adapter.baseModel() + " has the tensor '" + name
                + "' of a head beside LoRA's; expected LoRA alone, which is all that can be merged.");
        });
        return lora;
    }

    private static Iterable<String> layers(TrainedAdapter adapter) {
        return adapter.tensors().keySet().stream().filter(name -> name.endsWith(Lora.A)).map(Lora::layer).toList();
    }

    private static TensorData weight(Map<String, TensorData> weights, TrainedAdapter adapter, String layer) {
        TensorData weight = weights.get(layer + ".weight");
        if (FullTuning.isTable(layer + ".weight") || HEADS.contains(layer) && weight == null) {
            throw new BadInputException("LoRA cannot be merged into " + layer + ": its weight is tied to the word embeddings, which would change"
                + " with it; expected updates of other layers.");
        }
        long rows = adapter.tensors().get(layer + Lora.B).shape()[0];
        long cols = adapter.tensors().get(layer + Lora.A).shape()[1];
        if (weight == null || weight.size() != rows * cols) {
            throw new BadInputException("The LoRA adapter of " + adapter.baseModel() + " updates " + layer + ".weight of shape [" + rows + ", " + cols
                + "], which the model does not have; expected an adapter that was tuned on it.");
        }
        return weight;
    }

    // s B A, row-major.
    private static double[] update(TrainedAdapter adapter, Lora lora, String layer) {
        float[] a = adapter.tensors().get(layer + Lora.A).floats();
        float[] b = adapter.tensors().get(layer + Lora.B).floats();
        int rank = lora.rank();
        int cols = a.length / rank;
        double[] update = new double[b.length / rank * cols];
        for (int i = 0; i < update.length; i++) {
            double sum = 0;
            for (int r = 0; r < rank; r++) {
                sum += (double) b[i / cols * rank + r] * a[r * cols + i % cols];
            }
            update[i] = lora.scale() * sum;
        }
        return update;
    }

    private static float[] add(float[] weight, double[] update, int sign) {
        float[] sum = new float[weight.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) (weight[i] + sign * update[i]);
        }
        return sum;
    }

    private static double distance(float[] one, float[] other) {
        double most = 0;
        for (int i = 0; i < one.length; i++) {
            most = Math.max(most, Math.abs((double) one[i] - other[i]));
        }
        return most;
    }
}
