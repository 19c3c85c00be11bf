package org.primer4j.model.hub;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.primer4j.BadInputException;
import org.primer4j.files.ShardIndex;

/** Which of a repository's files make up a model. Pickles do not: reading one may run code. */
final class ModelFiles {

    static final String CONFIG = "config.json";
    static final String GENERATION = "generation_config.json";
    static final String TOKENIZER = "tokenizer.json";
    static final String WEIGHTS = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private ModelFiles() {
    }

    /**
     * The files to fetch, small ones first; an index calls for its {@link #shards} as well.
     *
     * @param present the repository's files
     * @throws BadInputException if it has no model that can be read
     */
    static List<String> wanted(HubReference reference, Collection<String> present) {
        require(reference, present, CONFIG, "which says what the model is");
        require(reference, present, TOKENIZER, "which Python writes with AutoTokenizer.from_pretrained(...).save_pretrained(FOLDER):"
            + " give such a folder");
        String weights = present.contains(WEIGHTS) ? WEIGHTS : INDEX;
        if (!present.contains(weights)) {
            String other = present.contains("pytorch_model.bin") ? ", only pytorch_model.bin, a pickle that may run code when read" : "";
            throw new BadInputException(reference + ": found no " + WEIGHTS + other + "; expected one: convert the model in Python with"
                + " AutoModel, or AutoModelForSeq2SeqLM for BART and T5, .from_pretrained(...).save_pretrained(FOLDER) and give that folder.");
        }
        List<String> wanted = new ArrayList<>(List.of(CONFIG));
        if (present.contains(GENERATION)) {
            wanted.add(GENERATION);
        }
        wanted.addAll(List.of(TOKENIZER, weights));
        return wanted;
    }

    private static void require(HubReference reference, Collection<String> present, String name, String explanation) {
        if (!present.contains(name)) {
            throw new BadInputException(reference + ": found no " + name + "; expected one, " + explanation + ".");
        }
    }

    /** What a snapshot lacks of a model; empty if nothing. */
    static List<String> missing(CachedRepository repository, String commit) {
        List<String> missing = new ArrayList<>(List.of(CONFIG, TOKENIZER));
        if (repository.has(commit, WEIGHTS)) {
            missing.add(WEIGHTS);
        } else if (repository.has(commit, INDEX)) {
            missing.addAll(shards(repository.snapshot(commit).resolve(INDEX)));
        } else {
            missing.add(WEIGHTS);
        }
        // Also checks that an optional file is no link to elsewhere.
        repository.has(commit, GENERATION);
        missing.removeIf(name -> repository.has(commit, name));
        return missing;
    }

    // In their order; each once.
    private static Set<String> shards(Path index) {
        return new TreeSet<>(ShardIndex.read(index).values());
    }

    /** The weights' files that an index names; the repository must have each. */
    static List<String> shards(HubReference reference, Path index, Collection<String> present) {
        List<String> shards = List.copyOf(shards(index));
        for (String shard : shards) {
            require(reference, present, shard, "as " + INDEX + " names it");
        }
        return shards;
    }
}
