package org.primer4j.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primer4j.BadInputException;

/**
 * A safetensors file: an 8-byte little-endian header length, a JSON header, the tensors' bytes (little-endian, row-major).
 * Opening reads and checks the header only; data is mapped tensor by tensor, so that files beyond 2 GiB work.
 * Every reading method throws {@link BadInputException} if the tensor is missing or of another dtype, and
 * {@link IllegalStateException} after {@link #close}. The file must not be cut short while its tensors are in use.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
public final class SafetensorsFile implements AutoCloseable {

    /** Largest header, in bytes; the same as in the reference implementation. */
    private static final long MAX_HEADER = 100_000_000;
    private static final int LENGTH_BYTES = Long.BYTES;

    private final Path path;
    private final FileChannel channel;
    private final long dataStart;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        long fileBytes = channel.size();
        long headerBytes = readHeaderLength(fileBytes);
        this.dataStart = LENGTH_BYTES + headerBytes;
        this.header = SafetensorsHeader.read(path, headerStream(headerBytes), fileBytes - dataStart);
    }

    /** Opens a file and checks its header against its size. */
    public static SafetensorsFile open(Path path) {
        FileChannel channel = openChannel(path);
        try {
            return new SafetensorsFile(path, channel);
        } catch (IOException e) {
            closeAfter(channel, e);
            throw new BadInputException(path + ": cannot be read: " + e + ".", e);
        } catch (RuntimeException e) {
            closeAfter(channel, e);
            throw e;
        }
    }

    private static FileChannel openChannel(Path path) {
        try {
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new BadInputException(path + ": there is no such file; expected a safetensors file.", e);
        } catch (IOException e) {
            throw new BadInputException(path + ": cannot be opened: " + e + ".", e);
        }
    }

    private static void closeAfter(FileChannel channel, Exception cause) {
        try {
            channel.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private long readHeaderLength(long fileBytes) throws IOException {
        if (fileBytes < LENGTH_BYTES) {
            throw new BadInputException(path + ": found " + fileBytes + " bytes; a safetensors file has at least 8, "
                    + "so this is truncated or another format.");
        }
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) { }
        long length = bytes.getLong(0);
        long most = Math.min(MAX_HEADER, fileBytes - LENGTH_BYTES);
        if (length < 0 || length > most) {
            throw new BadInputException(path + ": the header length is " + Long.toUnsignedString(length) + " bytes, expected at most "
                    + most + "; the file is truncated or not safetensors.");
        }
        return length;
    }

    private InputStream headerStream(long headerBytes) throws IOException {
        return new BoundedStream(Channels.newInputStream(channel.position(LENGTH_BYTES)), headerBytes);
    }

    /** The tensors' names in the order of the header. */
    public Set<String> names() {
        return header.tensors.keySet();
    }

    /** The header's {@code __metadata__}, empty if there is none. */
    public Map<String, String> metadata() {
        return header.metadata;
    }

    /** Shape, dtype and place of a tensor. */
    public TensorInfo info(String name) {
        TensorInfo info = header.tensors.get(name);
        if (info == null) {
            throw new BadInputException(path + ": tensor '" + name + "' is missing; found " + names().size() + " others.");
        }
        return info;
    }

    /** An F32, F16 or BF16 tensor as float32, mapped and not yet read; it stays valid after {@link #close}. */
    public TensorData tensor(String name) {
        TensorInfo info = typed(name, DType.F32, DType.F16, DType.BF16);
        List<ByteBuffer> chunks = chunks(info);
        if (info.dtype() == DType.F32) {
            return new BufferTensor(info.shape(), chunks.stream().map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new));
        }
        return new HalfTensor(info.shape(), info.dtype() == DType.BF16, chunks.stream().map(ByteBuffer::asShortBuffer).toArray(ShortBuffer[]::new));
    }

    private List<ByteBuffer> chunks(TensorInfo info) {
        List<ByteBuffer> chunks = new ArrayList<>();
        int bytes = info.dtype().bytes();
        // An empty tensor has one empty chunk.
        for (long start = 0; start < Math.max(1, info.size()); start += BufferTensor.CHUNK) {
            long length = Math.min(BufferTensor.CHUNK, info.size() - start);
            chunks.add(map(info, start * bytes, length * bytes));
        }
        return chunks;
    }

    /** The elements of an F32, F16 or BF16 tensor. */
    public float[] floats(String name) {
        requireArray(info(name));
        return tensor(name).floats();
    }

    /** The elements of an F64 or F32 tensor; F32 is widened, which is exact. */
    public double[] doubles(String name) {
        TensorInfo info = typed(name, DType.F64, DType.F32);
        requireArray(info);
        double[] values = new double[(int) info.size()];
        if (info.dtype() == DType.F64) {
            mapAll(info).asDoubleBuffer().get(values);
        } else {
            FloatBuffer floats = mapAll(info).asFloatBuffer();
            Arrays.setAll(values, floats::get);
        }
        return values;
    }

    /** The elements of an I64 tensor. */
    public long[] longs(String name) {
        TensorInfo info = typed(name, DType.I64);
        requireArray(info);
        long[] values = new long[(int) info.size()];
        mapAll(info).asLongBuffer().get(values);
        return values;
    }

    /**
     * Copies an F32, F16 or BF16 tensor as float32 into what remains of {@code target}, which may be native memory.
     *
     * @throws IllegalArgumentException if the target has another size than the tensor
     */
    public void copyFloats(String name, FloatBuffer target) {
        TensorData tensor = tensor(name);
        if (target.remaining() != tensor.size()) {
            throw new IllegalArgumentException("Tensor '" + name + "' has " + tensor.size() + " elements but the target has room for "
                    + target.remaining() + ".");
        }
        tensor.read(0, target);
    }

    private TensorInfo typed(String name, DType... allowed) {
        TensorInfo info = info(name);
        if (!Arrays.asList(allowed).contains(info.dtype())) {
            throw new BadInputException(path + ": tensor '" + Text.shorten(name) + "' has dtype " + info.dtype() + ", expected "
                    + String.join(" or ", Arrays.stream(allowed).map(DType::name).toList())
                    + "; convert the file first.");
        }
        return info;
    }

    private void requireArray(TensorInfo info) {
        if (info.end() - info.begin() > Integer.MAX_VALUE) {
            throw new BadInputException(path + ": tensor '" + info.name() + "' has " + info.size()
                    + " elements, too many for one Java array; read it in parts.");
        }
    }

    private ByteBuffer mapAll(TensorInfo info) {
        return map(info, 0, info.end() - info.begin());
    }

    private ByteBuffer map(TensorInfo info, long offset, long bytes) {
        if (!channel.isOpen()) {
            throw new IllegalStateException(path + " is closed.");
        }
        try {
            return channel.map(MapMode.READ_ONLY, dataStart + info.begin() + offset, bytes).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new BadInputException(path + ": tensor '" + info.name() + "' cannot be read: " + e + ".", e);
        }
    }

    /** Closes the file; closing twice does nothing. Tensors already taken stay readable. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new BadInputException(path + ": cannot be closed: " + e + ".", e);
        }
    }
}
