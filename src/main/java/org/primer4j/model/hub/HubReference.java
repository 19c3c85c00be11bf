package org.primer4j.model.hub;

import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/**
 * A model on a hub, {@code organisation/name} or {@code organisation/name@revision}.
 *
 * @param repository as {@code facebook/bart-base}
 * @param revision   a branch, a tag or a commit; {@value #DEFAULT_REVISION} unless given
 */
public record HubReference(String repository, String revision) {

    public static final String DEFAULT_REVISION = "main";

    // The hub's own rules: ASCII word characters, '-' and '.', at most 96, no '-' or '.' at either end.
    private static final String NAME = "\\w(?:[\\w.-]{0,94}\\w)?";
    private static final Pattern TEXT = Pattern.compile(NAME + "/" + NAME + "(?:@.*)?");
    private static final Pattern REPOSITORY = Pattern.compile(NAME + "/" + NAME);
    private static final Pattern REVISION = Pattern.compile("\\w[\\w.+-]*(?:/\\w[\\w.+-]*)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final int LONGEST_REVISION = 200;

    /** @throws BadInputException if a part has characters or parts that would lead out of the cache's folder */
    public HubReference {
        if (!REPOSITORY.matcher(repository).matches() || repository.contains("--") || repository.contains("..")
                || repository.endsWith(".git")) {
            throw new BadInputException("Found the hub model '" + Untrusted.shown(repository) + "'; expected organisation/name"
                + " of letters, digits, '_', '-' and '.', without '--' and '..', as facebook/bart-base.");
        }
        if (revision.length() > LONGEST_REVISION || !REVISION.matcher(revision).matches() || revision.contains("..")) {
            throw new BadInputException(repository + ": found the revision '" + Untrusted.shown(revision)
                + "'; expected a branch, a tag or a commit of letters, digits, '_', '-', '+', '.' and '/', as " + DEFAULT_REVISION + ".");
        }
    }

    /** Whether the text is written as a hub model, {@code a/b} or {@code a/b@c}; it may still be refused. */
    public static boolean matches(String text) {
        return TEXT.matcher(text).matches();
    }

    /** Reads {@code organisation/name[@revision]}. */
    public static HubReference of(String text) {
        int at = text.indexOf('@');
        return at < 0 ? new HubReference(text, DEFAULT_REVISION) : new HubReference(text.substring(0, at), text.substring(at + 1));
    }

    /** Whether the revision is a full commit, which never changes. */
    boolean isCommit() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** Name of the model's folder in the cache. */
    String folderName() {
        return "models--" + repository.replace("/", "--");
    }

    @Override
    public String toString() {
        return revision.equals(DEFAULT_REVISION) ? repository : repository + "@" + revision;
    }
}
