package org.primer4j.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.PairList;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.primer4j.BadInputException;

/**
 * A Hugging Face {@code tokenizer.json}, through DJL's binding of the original Rust library.
 *
 * <p>Truncation and padding settings inside the file are switched off: the caller gives the limit with every call.
 * Special tokens written in a text ("[SEP]") become those tokens, as in Hugging Face's own library. Safe for use by
 * several threads.
 *
 * <p>Loading this class puts DJL offline (system properties {@code ai.djl.offline} and {@code OPT_OUT_TRACKING}): it
 * would otherwise report its use over the network, and look there for a CUDA build of its library. The library comes
 * out of the jar and is unpacked once below {@code DJL_CACHE_DIR}, by default {@code ~/.djl.ai}.
 */
public final class Tokenizer implements AutoCloseable {

    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private static final Map<String, String> AS_ASKED = Map.of("truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer delegate;
    private final Vocabulary vocabulary;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    private Tokenizer(HuggingFaceTokenizer delegate, Vocabulary vocabulary) {
        this.delegate = delegate;
        this.vocabulary = vocabulary;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws BadInputException if the file is missing, unreadable or malformed
     */
    public static Tokenizer of(Path tokenizerJson) {
        try {
            return load(Files.readAllBytes(tokenizerJson), tokenizerJson.toString());
        } catch (NoSuchFileException e) {
            throw new BadInputException(tokenizerJson + ": there is no such file; expected a Hugging Face tokenizer.json.", e);
        } catch (IOException e) {
            throw new BadInputException(tokenizerJson + ": the file cannot be read (" + e.getMessage()
                    + "); expected a Hugging Face tokenizer.json.", e);
        }
    }

    /** As {@link #of(Path)}, from the file's bytes. */
    public static Tokenizer of(byte[] tokenizerJson) {
        return load(tokenizerJson, "tokenizer.json");
    }

    /** As {@link #of(Path)}, from a stream, which is read to its end and left open. */
    public static Tokenizer of(InputStream tokenizerJson) throws IOException {
        return of(tokenizerJson.readAllBytes());
    }

    /**
     * The ids of a text with the model's special tokens, cut at its end to fit.
     *
     * @param maxTokens most ids to return, special tokens included
     */
    public int[] encode(String text, int maxTokens) {
        return open(d -> truncated(d.encode(text, true, false), maxTokens).ids());
    }

    /** As {@link #encode}, for many texts in one native call. */
    public List<int[]> encodeAll(List<String> texts, int maxTokens) {
        return open(d -> Arrays.stream(d.batchEncode(texts, true, false)).map(e -> truncated(e, maxTokens).ids()).toList());
    }

    /**
     * Two texts as one sequence, the longer cut first to fit.
     *
     * @param maxTokens most ids to return, special tokens included
     */
    public Encoding encodePair(String first, String second, int maxTokens) {
        return open(d -> truncated(d.encode(first, second, true, false), maxTokens));
    }

    /** As {@link #encodePair}, for many pairs in one native call: the i-th of {@code first} with the i-th of {@code second}. */
    public List<Encoding> encodePairs(List<String> first, List<String> second, int maxTokens) {
        PairList<String, String> pairs = new PairList<>(first, second);
        return open(d -> Arrays.stream(d.batchEncode(pairs, true, false)).map(e -> truncated(e, maxTokens)).toList());
    }

    /**
     * The text of ids, as the file's decoder joins the tokens. Ids without a token are left out; bytes that are no UTF-8,
     * such as half a character that truncation left, become U+FFFD.
     *
     * @param skipSpecial whether special tokens are left out
     * @throws IllegalArgumentException if an id is negative
     * @see Cleanup
     */
    public String decode(int[] ids, boolean skipSpecial) {
        long[] numbers = Arrays.stream(ids).asLongStream().toArray();
        for (long id : numbers) {
            if (id < 0) {
                throw new IllegalArgumentException("the id " + id + " is negative");
            }
        }
        return open(d -> d.decode(numbers, skipSpecial));
    }

    /** The ids there are. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * Refuses a tokenizer that does not end every text with {@code eos}: a model that writes would never learn to stop.
     *
     * @param eos the model's end-of-sequence id
     * @throws BadInputException if a text ends otherwise
     */
    public void requireEnds(int eos) {
        int[] empty = encode("", Integer.MAX_VALUE);
        if (empty.length == 0 || empty[empty.length - 1] != eos) {
            throw new BadInputException(vocabulary.name() + ": the tokenizer does not end a text with the model's end token " + eos
                    + "; expected a post-processor that does, as BART's and T5's.");
        }
    }

    /** Frees the native tokenizer; a second call does nothing. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                delegate.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Runs a native call while no other thread can free the tokenizer. */
    private <T> T open(Function<HuggingFaceTokenizer, T> call) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            return call.apply(delegate);
        } finally {
            lock.readLock().unlock();
        }
    }

    private static Tokenizer load(byte[] json, String name) {
        // Before the try block: a library that does not load is no fault of the file.
        LibUtils.checkStatus();
        try {
            Vocabulary vocabulary = Vocabulary.of(json, name);
            return new Tokenizer(HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), AS_ASKED), vocabulary);
        } catch (BadInputException e) {
            throw e;
        } catch (RuntimeException | IOException e) {
            throw new BadInputException(name + ": the file is malformed (" + e.getMessage()
                    + "); expected a Hugging Face tokenizer.json.", e);
        }
    }

    private static Encoding truncated(ai.djl.huggingface.tokenizers.Encoding encoding, int maxTokens) {
        int[] kept = Truncation.kept(encoding.getSequenceIds(), maxTokens);
        return new Encoding(at(encoding.getIds(), kept), at(encoding.getTypeIds(), kept));
    }

    private static int[] at(long[] values, int[] positions) {
        return Arrays.stream(positions).map(i -> Math.toIntExact(values[i])).toArray();
    }
}
