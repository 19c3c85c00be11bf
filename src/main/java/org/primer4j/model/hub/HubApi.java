package org.primer4j.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a hub says about one model. */
final class HubApi {

    private static final int MOST_LISTING_BYTES = 20_000_000;
    private static final Pattern ETAG = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern SIZE = Pattern.compile("\\d{1,15}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HubHttp http;
    private final HubReference reference;
    private final DownloadListener listener;
    private final Refusal refusal;

    HubApi(HubHttp http, HubReference reference, DownloadListener listener) {
        this.http = http;
        this.reference = reference;
        this.listener = listener;
        this.refusal = new Refusal(http.endpoint(), reference);
    }

    /** A commit and the names of its files. */
    record Listing(String commit, Set<String> files) {
    }

    /** The commit that the revision stands for now. */
    Listing listing() {
        URI address = http.endpoint().revision(reference);
        byte[] answer = new Retries(http.patience(), reference.toString(), listener).until(() -> read(address));
        try {
            return listing(JSON.readTree(answer));
        } catch (IOException e) {
            throw lie("what is not JSON", "the model's description", e);
        }
    }

    private Listing listing(JsonNode json) {
        String commit = json.path("sha").asText();
        if (!HubReference.isCommit(commit) || reference.isCommit() && !commit.equals(reference.revision())) {
            throw lie("the commit '" + Untrusted.shown(commit) + "'", "40 hexadecimal digits, the ones asked for if it was a commit", null);
        }
        Set<String> files = new HashSet<>();
        json.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
        return new Listing(commit, files);
    }

    private byte[] read(URI address) throws IOException {
        HttpResponse<Body> response = http.get(address, Map.of());
        try (Body body = response.body()) {
            if (response.statusCode() != 200) {
                throw refusal.of(response);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (List<ByteBuffer> part = body.next(); part != null; part = body.next()) {
                for (ByteBuffer buffer : part) {
                    byte[] chunk = new byte[buffer.remaining()];
                    buffer.get(chunk);
                    bytes.write(chunk);
                }
                if (bytes.size() > MOST_LISTING_BYTES) {
                    throw lie("a description of more than " + MOST_LISTING_BYTES + " bytes", "a shorter one", null);
                }
            }
            return bytes.toByteArray();
        }
    }

    /** Asks for a file's hash and size. */
    RemoteFile file(String commit, String name) {
        URI address = http.endpoint().file(reference, commit, name);
        Headers headers = new Retries(http.patience(), reference + " " + name, listener).until(() -> headers(address));
        if (!headers.commit().equals(commit)) {
            throw lie(name + " of commit '" + Untrusted.shown(headers.commit()) + "'", "commit " + commit, null);
        }
        if (!ETAG.matcher(headers.etag()).matches()) {
            throw lie("the ETag '" + Untrusted.shown(headers.etag()) + "' for " + name, "the content's SHA-256 or git hash", null);
        }
        if (!SIZE.matcher(headers.size()).matches()) {
            throw lie("the size '" + Untrusted.shown(headers.size()) + "' for " + name, "a number of bytes", null);
        }
        return new RemoteFile(name, address, headers.etag(), Long.parseLong(headers.size()));
    }

    private Headers headers(URI address) throws IOException {
        HttpResponse<Body> response = http.head(address, answer -> Headers.of(answer).isComplete());
        if (response.statusCode() != 200 && !HubHttp.isRedirect(response)) {
            throw refusal.of(response);
        }
        return Headers.of(response);
    }

    /** What a hub's answer says about a file; an empty text for what it does not say. */
    private record Headers(String commit, String etag, String size) {

        // On a redirect to where the content is stored, ETag and Content-Length would be those of the redirect itself.
        static Headers of(HttpResponse<?> response) {
            boolean redirect = HubHttp.isRedirect(response);
            return new Headers(value(response, "X-Repo-Commit", ""),
                bare(value(response, "X-Linked-Etag", redirect ? "" : value(response, "ETag", ""))),
                value(response, "X-Linked-Size", redirect ? "" : value(response, "Content-Length", "")));
        }

        private static String value(HttpResponse<?> response, String name, String absent) {
            return response.headers().firstValue(name).orElse(absent);
        }

        private static String bare(String etag) {
            return etag.replaceFirst("^W/", "").replaceAll("^\"|\"$", "");
        }

        boolean isComplete() {
            return !commit.isEmpty() && !etag.isEmpty() && !size.isEmpty();
        }
    }

    private DownloadException lie(String found, String expected, Exception cause) {
        return new DownloadException(reference + ": " + http.endpoint() + " sent " + found + "; expected " + expected + ", check "
            + HubEndpoint.VARIABLE + ".", cause);
    }
}
