package org.primer4j.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.primer4j.BadInputException;
import org.primer4j.files.ShardIndex;

/** The weights of a Hugging Face folder: {@code model.safetensors}, or the files that its index names. */
public final class Checkpoint implements AutoCloseable {

    static final String SINGLE = "model.safetensors";
    static final String INDEX = SINGLE + ".index.json";

    private final Path path;
    private final Map<Path, SafetensorsFile> files = new LinkedHashMap<>();
    private final Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();

    private Checkpoint(Path path) {
        this.path = path;
    }

    /** @throws BadInputException if there are no weights, or they are not what their index or headers say */
    static Checkpoint open(Path folder) {
        Path single = folder.resolve(SINGLE);
        if (Files.exists(single)) {
            return opened(new Checkpoint(single), checkpoint -> checkpoint.addAll(single));
        }
        Path index = folder.resolve(INDEX);
        if (Files.exists(index)) {
            return opened(new Checkpoint(index), checkpoint -> checkpoint.addShards(ShardIndex.read(index)));
        }
        if (Files.exists(folder.resolve("pytorch_model.bin")) || Files.exists(folder.resolve("pytorch_model.bin.index.json"))) {
            throw new BadInputException(folder + ": found pytorch_model.bin, a pickle that may run code when read; expected"
                    + " model.safetensors: convert it in Python with AutoModel, or AutoModelForSeq2SeqLM for BART and T5,"
                    + " .from_pretrained(folder).save_pretrained(folder).");
        }
        throw new BadInputException(single + ": there is no such file; expected the model's weights.");
    }

    private static Checkpoint opened(Checkpoint checkpoint, Consumer<Checkpoint> filling) {
        try {
            filling.accept(checkpoint);
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private void addAll(Path file) {
        SafetensorsFile opened = SafetensorsFile.open(file);
        files.put(file, opened);
        opened.names().forEach(name -> byTensor.put(name, opened));
    }

    private void addShards(Map<String, String> index) {
        for (String shard : new TreeSet<>(index.values())) {
            addShard(path.resolveSibling(shard), index);
        }
        index.forEach((name, shard) -> {
            if (!byTensor.containsKey(name)) {
                throw bad("tensor '" + Text.shorten(name) + "' is not in " + shard + "; expected it there");
            }
        });
    }

    private void addShard(Path file, Map<String, String> index) {
        SafetensorsFile shard = SafetensorsFile.open(file);
        files.put(file, shard);
        String fileName = file.getFileName().toString();
        for (String name : shard.names()) {
            if (!fileName.equals(index.get(name))) {
                throw bad("found tensor '" + Text.shorten(name) + "' in " + fileName + " too; expected it in "
                        + (index.containsKey(name) ? index.get(name) + " alone" : "the index"));
            }
            byTensor.put(name, shard);
        }
    }

    private BadInputException bad(String sentence) {
        return new BadInputException(path + ": " + sentence + ".");
    }

    /** The file that stands for the weights in messages: the only one, or the index. */
    Path path() {
        return path;
    }

    /** Names of all tensors as they stand in the files. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byTensor.keySet());
    }

    /** Shape, dtype and place of a tensor. */
    public TensorInfo info(String name) {
        return file(name).info(name);
    }

    /** A tensor as float32, mapped and not yet read; it stays valid after {@link #close}. */
    public TensorData tensor(String name) {
        return file(name).tensor(name);
    }

    private SafetensorsFile file(String name) {
        SafetensorsFile file = byTensor.get(name);
        if (file == null) {
            throw bad("tensor '" + Text.shorten(name) + "' is missing; found " + byTensor.size() + " others");
        }
        return file;
    }

    @Override
    public void close() {
        files.values().forEach(SafetensorsFile::close);
    }
}
