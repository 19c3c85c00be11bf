package org.primer4j.model.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Brings a partial file to its full size, over as many connections as it takes. */
final class Transfer {

    /** What a connection must have brought to count as progress: a server that gives a byte each time is given up. */
    private static final long PROGRESS = 1 << 20;

    private final HubHttp http;
    private final RemoteFile file;
    private final FileChannel channel;
    private final DownloadListener listener;
    private final Refusal refusal;
    private final Retries retries;
    /** ETag that the place of the content gave with its last answer; another than the hub's. */
    private String validator = "";

    Transfer(HubHttp http, HubReference reference, RemoteFile file, FileChannel channel, DownloadListener listener) {
        this.http = http;
        this.file = file;
        this.channel = channel;
        this.listener = listener;
        this.refusal = new Refusal(http.endpoint(), reference);
        this.retries = new Retries(http.patience(), reference + " " + file.name(), listener);
    }

    /** @throws DeceptionException if the server sends another size than it said */
    void run() throws IOException {
        if (channel.size() > file.size()) {
            channel.truncate(0);
        }
        long most = channel.size();
        while (channel.size() < file.size()) {
            try {
                attempt();
            } catch (LocalFailure e) {
                throw e.reason;
            } catch (IOException e) {
                if (channel.size() - most >= PROGRESS) {
                    retries.progressed();
                    most = channel.size();
                }
                retries.failed(e);
            }
        }
    }

    private void attempt() throws IOException {
        long from = channel.size();
        HttpResponse<Body> response = http.get(file.address(), range(from));
        try (Body body = response.body()) {
            switch (response.statusCode()) {
                case 200 -> requireSize(response.headers().firstValue("Content-Length").orElse(String.valueOf(file.size())));
                case 206 -> requireRange(response, from);
                case 416 -> throw startAgain("it refused to go on at byte " + from);
                default -> throw refusal.of(response);
            }
            // A server that knows no ranges, or a changed file, starts at the beginning.
            channel.truncate(response.statusCode() == 206 ? from : 0);
            validator = response.headers().firstValue("ETag").filter(etag -> etag.startsWith("\"")).orElse("");
            append(body);
        }
    }

    // An earlier run's part has no validator: the hash of the whole decides.
    private Map<String, String> range(long from) {
        Map<String, String> headers = new HashMap<>();
        if (from > 0) {
            headers.put("Range", "bytes=" + from + "-");
            if (!validator.isEmpty()) {
                headers.put("If-Range", validator);
            }
        }
        return headers;
    }

    private void requireSize(String found) {
        if (!found.equals(String.valueOf(file.size()))) {
            throw new DeceptionException("the server sent a file of " + Untrusted.shown(found) + " bytes; expected " + file.size());
        }
    }

    private void requireRange(HttpResponse<?> response, long from) throws IOException {
        String found = response.headers().firstValue("Content-Range").orElse("");
        if (from == 0 || !found.startsWith("bytes " + from + "-")) {
            throw startAgain("it sent the range '" + Untrusted.shown(found) + "' for bytes from " + from);
        }
        String total = found.substring(found.indexOf('/') + 1);
        if (!total.equals("*")) {
            requireSize(total);
        }
    }

    private IOException startAgain(String reason) throws IOException {
        channel.truncate(0);
        validator = "";
        return new TemporaryFailure(reason);
    }

    private void append(Body body) throws IOException {
        channel.position(channel.size());
        for (List<ByteBuffer> part = body.next(); part != null; part = body.next()) {
            write(part);
            listener.received(channel.position());
        }
        if (channel.position() < file.size()) {
            throw new TemporaryFailure("the connection ended after " + channel.position() + " of " + file.size() + " bytes");
        }
    }

    private void write(List<ByteBuffer> part) throws IOException {
        for (ByteBuffer buffer : part) {
            if (channel.position() + buffer.remaining() > file.size()) {
                throw new DeceptionException("the server sent more than the " + file.size() + " bytes it spoke of; expected these");
            }
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw new LocalFailure(e);
            }
        }
    }

    /** Trouble on this machine: asking the server again does not help. */
    private static final class LocalFailure extends IOException {

        private static final long serialVersionUID = 1L;

        private final IOException reason;

        LocalFailure(IOException reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
