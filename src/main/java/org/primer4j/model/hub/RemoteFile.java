package org.primer4j.model.hub;

import java.net.URI;

/**
 * A file of a commit, as the hub describes it.
 *
 * @param name    in the repository
 * @param address where its content is asked for
 * @param etag    hash of the content in hexadecimal digits: SHA-256 where there are 64, git's blob hash where there are 40
 * @param size    in bytes
 */
record RemoteFile(String name, URI address, String etag, long size) {
}
