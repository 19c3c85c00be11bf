package org.primer4j.model.hub;

/** A download did not end well, though what was asked for may be right: the network, the server, the disk. The message is one sentence. */
public final class DownloadException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DownloadException(String sentence) {
        super(sentence);
    }

    DownloadException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
