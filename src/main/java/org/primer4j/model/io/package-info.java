/**
 * Files of pretrained models: safetensors, ONNX weights, {@code config.json}, and the Hugging Face folder that holds them.
 * Everything read here is checked before it is used; what cannot be used is a {@link org.primer4j.BadInputException}.
 */
package org.primer4j.model.io;
