package org.primer4j.model.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/**
 * A hub's address, and what it is asked with.
 *
 * @param uri   without a slash at its end; {@code https}, or {@code http} on this machine
 * @param token sent to this origin and no other; empty for none
 */
record HubEndpoint(URI uri, String token) {

    static final String VARIABLE = "HF_ENDPOINT";
    static final String TOKEN_VARIABLE = "HF_TOKEN";
    private static final String PUBLIC = "https://huggingface.co";
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1\\]");
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]*");

    HubEndpoint {
        if (!isSecure(uri) || uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new BadInputException(VARIABLE + ": found an address that is not https://HOST[/PATH] (http:// is for 127.0.0.1 and"
                + " localhost); expected one as " + PUBLIC + ", which holds without the variable.");
        }
        if (!TOKEN.matcher(token).matches()) {
            throw new BadInputException(TOKEN_VARIABLE + ": found characters that no token has; expected a token as the hub shows it.");
        }
    }

    /** What HF_ENDPOINT and HF_TOKEN say, or the public hub without a token. */
    static HubEndpoint of(Map<String, String> environment) {
        String address = environment.getOrDefault(VARIABLE, "").strip();
        String token = environment.getOrDefault(TOKEN_VARIABLE, "").strip();
        try {
            return new HubEndpoint(new URI(address.isEmpty() ? PUBLIC : address.replaceFirst("/+$", "")), token);
        } catch (URISyntaxException e) {
            throw new BadInputException(VARIABLE + ": found what is no address; expected one as " + PUBLIC + ".", e);
        }
    }

    private static boolean isSecure(URI uri) {
        return uri.getHost() != null && ("https".equalsIgnoreCase(uri.getScheme()) || isLocalHttp(uri));
    }

    private static boolean isLocalHttp(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null && LOOPBACK.matcher(uri.getHost()).matches();
    }

    /** Where a revision's commit and file names are told. */
    URI revision(HubReference reference) {
        return URI.create(uri + "/api/models/" + reference.repository() + "/revision/" + encode(reference.revision()));
    }

    /** Where a file of a commit is. */
    URI file(HubReference reference, String commit, String name) {
        return URI.create(uri + "/" + reference.repository() + "/resolve/" + commit + "/" + encode(name));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * Where a redirect leads: anywhere over https; over http only within this machine, and only from there.
     *
     * @throws DownloadException if it leads elsewhere
     */
    URI redirect(URI from, String location) {
        try {
            URI to = from.resolve(new URI(location));
            if (to.getHost() != null && ("https".equalsIgnoreCase(to.getScheme()) || isLocalHttp(to) && isLocalHttp(uri))) {
                return to;
            }
        } catch (URISyntaxException e) {
            throw badRedirect(from, e);
        }
        throw badRedirect(from, null);
    }

    // The address itself may hold a signature.
    private static DownloadException badRedirect(URI from, Exception cause) {
        return new DownloadException(from.getHost() + ": found a redirect to what is not an https:// address; expected one, check "
            + VARIABLE + ".", cause);
    }

    /** Whether an address is this hub's own, so that the token may be sent there. */
    boolean isOwn(URI other) {
        return uri.getScheme().equalsIgnoreCase(other.getScheme()) && uri.getHost().equalsIgnoreCase(other.getHost())
            && port(uri) == port(other);
    }

    private static int port(URI uri) {
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        return uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    }

    boolean hasToken() {
        return !token.isEmpty();
    }

    /** The address; never the token. */
    @Override
    public String toString() {
        return uri.toString();
    }
}
