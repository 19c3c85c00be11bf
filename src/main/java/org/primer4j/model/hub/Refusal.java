package org.primer4j.model.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.primer4j.BadInputException;

/** Turns an answer other than success into what to tell the user. */
final class Refusal {

    private static final String ERROR_CODE = "X-Error-Code";

    private final HubEndpoint endpoint;
    private final HubReference reference;

    Refusal(HubEndpoint endpoint, HubReference reference) {
        this.endpoint = endpoint;
        this.reference = reference;
    }

    /**
     * The exception for an answer.
     *
     * @throws IOException instead, if asking again may help
     */
    RuntimeException of(HttpResponse<?> response) throws IOException {
        int status = response.statusCode();
        if (status == 429 || status == 408 || status >= 500) {
            throw new TemporaryFailure(response.uri().getHost() + " answered " + explained(status), retryAfter(response));
        }
        if (!endpoint.isOwn(response.uri())) {
            return new DownloadException(reference + ": " + response.uri().getHost() + ", to which the hub sent us, answered " + status
                + "; expected the file, run it again later.");
        }
        return switch (status) {
            case 401 -> new BadInputException(noAccess());
            case 403 -> new BadInputException(reference + ": the hub answered 403 (forbidden); accept the model's conditions at "
                + page() + ", and set " + HubEndpoint.TOKEN_VARIABLE + " to a token that may read it.");
            case 404 -> new BadInputException(notFound(response));
            default -> new DownloadException(reference + ": " + endpoint + " answered " + status + "; expected a Hugging Face hub, check "
                + HubEndpoint.VARIABLE + ".");
        };
    }

    private static String explained(int status) {
        return switch (status) {
            case 429 -> "429 (too many requests)";
            case 408 -> "408 (too slow)";
            default -> status + " (trouble on its side)";
        };
    }

    // Given as seconds or as a date; the hub gives seconds.
    private static Duration retryAfter(HttpResponse<?> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        return seconds.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
    }

    // The hub does not tell strangers which models exist.
    private String noAccess() {
        return reference + ": the hub answered 401 (no access); " + (endpoint.hasToken()
            ? "the token in " + HubEndpoint.TOKEN_VARIABLE + " is not valid or may not read it."
            : "check the name, or if the model is private or gated set " + HubEndpoint.TOKEN_VARIABLE + " to a token that may read it.");
    }

    private String notFound(HttpResponse<?> response) {
        return switch (response.headers().firstValue(ERROR_CODE).orElse("")) {
            case "RevisionNotFound" -> reference.repository() + ": the hub has no revision '" + reference.revision()
                + "' of it; expected a branch, tag or commit listed at " + page() + "/tree/main.";
            case "EntryNotFound" -> reference + ": the hub answered 404 for a file that it listed; run it again.";
            default -> reference + ": " + endpoint + " has no such model (404); check the name, organisation/name.";
        };
    }

    private URI page() {
        return URI.create(endpoint.uri() + "/" + reference.repository());
    }
}
