package org.primer4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.primer4j.BadInputException;

class HubEndpointTest {

    private static HubEndpoint endpoint(String address) {
        return HubEndpoint.of(Map.of("HF_ENDPOINT", address));
    }

    @Test
    void isThePublicHubUnlessTheEnvironmentSaysOtherwise() {
        assertEquals("https://huggingface.co", HubEndpoint.of(Map.of()).toString());
        assertEquals("https://huggingface.co", endpoint(" ").toString());
        assertEquals("https://mirror.example/hub", endpoint("https://mirror.example/hub/").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:80", "http://localhost", "http://[::1]:8080", "HTTP://LOCALHOST"})
    void plainHttpIsForThisMachine(String address) {
        assertEquals("", endpoint(address.toLowerCase()).token());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://huggingface.co", "http://127.0.0.1.example.com", "http://10.0.0.1", "ftp://localhost", "huggingface.co", "https:///x",
        "https://user:secret@hub.example", "https://hub.example?x", "https://hub.example#x", "https://hub .example", "file:///etc"})
    void refusesOtherAddresses(String address) {
        String message = assertThrows(BadInputException.class, () -> endpoint(address)).getMessage();
        assertTrue(message.startsWith("HF_ENDPOINT: "), message);
        assertFalse(message.contains("secret"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hf_secret\r\nHost: x", "hf secret", "hf_secreté"})
    void refusesATokenThatIsNoneWithoutShowingIt(String token) {
        String message = assertThrows(BadInputException.class, () -> HubEndpoint.of(Map.of("HF_TOKEN", token))).getMessage();
        assertFalse(message.contains("secret"), message);
    }

    @Test
    void theTokenIsNotPrinted() {
        assertFalse(HubEndpoint.of(Map.of("HF_TOKEN", "hf_secret\n")).toString().contains("secret"));
        assertEquals("hf_secret", HubEndpoint.of(Map.of("HF_TOKEN", "hf_secret\n")).token());
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub.example,      https://hub.example/x,      true",
        "https://hub.example,      https://HUB.example:443/x,  true",
        "https://hub.example,      https://hub.example:444/x,  false",
        "https://hub.example,      http://hub.example:443/x,   false",
        "https://hub.example,      https://hub.example.org/x,  false",
        "https://hub.example,      https://cdn.hub.example/x,  false",
        "http://127.0.0.1:1,       http://127.0.0.1:2,         false",
    })
    void knowsItsOwnOrigin(String endpoint, String other, boolean own) {
        assertEquals(own, endpoint(endpoint).isOwn(URI.create(other)));
    }

    @ParameterizedTest
    @CsvSource({
        "https://hub.example/a/b, /c?d=e,                https://hub.example/c?d=e",
        "https://hub.example/a/b, https://cdn.example/x, https://cdn.example/x",
    })
    void followsRedirects(String from, String location, String to) {
        assertEquals(URI.create(to), endpoint("https://hub.example").redirect(URI.create(from), location));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://cdn.example/x?signature=secret", "http://127.0.0.1/secret", "file:///secret", "http://[secret", "https:secret"})
    void followsNoRedirectToAnInsecurePlace(String location) {
        HubEndpoint hub = endpoint("https://hub.example");
        String message = assertThrows(DownloadException.class, () -> hub.redirect(URI.create("https://hub.example/a"), location)).getMessage();
        assertFalse(message.contains("secret"), message);
    }

    @Test
    void aRevisionIsOnePartOfTheAddress() {
        assertEquals(URI.create("https://h.example/api/models/a/b/revision/refs%2Fpr%2F1%2Bx"),
            endpoint("https://h.example").revision(new HubReference("a/b", "refs/pr/1+x")));
    }
}
