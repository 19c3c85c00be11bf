package org.primer4j.model.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.primer4j.BadInputException;

/**
 * The float32 weights of an ONNX file. PyTorch's exporter keeps the names of parameters, except for the weights of
 * linear layers without fused bias: these become {@code onnx::MatMul_123}, transposed to [in, out], and are known by the
 * name of the node that multiplies with them.
 */
public final class OnnxWeights {

    private static final String EXPORTED_MATMUL = "onnx::MatMul_";

    private final String source;
    private final OnnxGraph graph;

    private OnnxWeights(String source, OnnxGraph graph) {
        this.source = source;
        this.graph = graph;
    }

    /** Reads an ONNX file, which ends below 2 GiB as every protobuf message does. */
    public static OnnxWeights read(Path file) {
        try {
            if (Files.size(file) > Integer.MAX_VALUE - 8) {
                throw new BadInputException(file + ": found more than 2 GiB, so this is not one ONNX file.");
            }
            return read(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e + ".", e);
        }
    }

    /**
     * Reads the bytes of an ONNX file; the tensors are views of them.
     *
     * @param source named in errors
     * @throws BadInputException if the bytes are truncated or not ONNX
     */
    public static OnnxWeights read(byte[] onnx, String source) {
        return new OnnxWeights(source, OnnxGraph.read(onnx, source));
    }

    /** The float32 initializers under their names in the file. */
    public Map<String, TensorData> initializers() {
        Map<String, TensorData> all = new LinkedHashMap<>();
        graph.initializers().forEach((name, tensor) -> all.put(name, new BufferTensor(tensor.shape(), tensor.values())));
        return Collections.unmodifiableMap(all);
    }

    /**
     * The weights under their Hugging Face names, linear weights as [out, in].
     *
     * @throws BadInputException if they are not those of an encoder with this configuration
     */
    public Map<String, TensorData> encoderWeights(EncoderConfig config) {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        graph.initializers().forEach((name, tensor) -> {
            String parameter = parameterName(name);
            TensorData previous = weights.put(parameter, name.equals(parameter)
                    ? new BufferTensor(tensor.shape(), tensor.values()) : transposed(name, tensor));
            if (previous != null) {
                throw new BadInputException(source + ": found two initializers for '" + parameter + "'; expected one.");
            }
        });
        WeightNames.check(source, config, name -> weights.containsKey(name) ? weights.get(name).shape() : null);
        return weights;
    }

    /** {@code /encoder/layer.0/output/dense/MatMul} multiplies with {@code encoder.layer.0.output.dense.weight}. */
    private String parameterName(String initializer) {
        String node = graph.matMulNodes().get(initializer);
        if (!initializer.startsWith(EXPORTED_MATMUL) || node == null) {
            return initializer;
        }
        return node.replaceFirst("^/", "").replaceFirst("/MatMul(_\\d+)?$", "").replace('/', '.') + ".weight";
    }

    private TensorData transposed(String name, OnnxGraph.Tensor tensor) {
        long[] shape = tensor.shape();
        if (shape.length != 2) {
            throw new BadInputException(source + ": initializer '" + name + "' has shape " + Arrays.toString(shape)
                    + "; expected the matrix of a linear layer.");
        }
        return new TransposedTensor(tensor.values(), (int) shape[0], (int) shape[1]);
    }
}
