package org.primer4j.verify;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A case of a golden folder.
 *
 * @param root the golden folder
 * @param name path of the case there, without a file's ending, with slashes
 */
record GoldenCase(Path root, String name) {

    /** Something that can be checked. */
    @FunctionalInterface
    interface Check {

        /** Compares everything that the case holds. */
        void run(Consumer<CaseResult> results);
    }

    Path path() {
        return root.resolve(name);
    }

    /** The folder's kind: models, peft, ... */
    String group() {
        return name.substring(0, name.indexOf('/'));
    }

    /** A file of this case as results name it. */
    String file(String fileName) {
        return name + "/" + fileName;
    }
}
