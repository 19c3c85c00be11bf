package org.primer4j.verify;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.primer4j.BadInputException;

/**
 * The cases of a golden folder: every folder or data file one level below its groups (models, peft, training, ...), so that
 * a case nobody knows is listed too.
 */
final class CaseList {

    /** Data that other cases start from. */
    private static final Set<String> INPUTS = Set.of("training/bart_tiny", "training/data", "training/lora_init", "meta/lora_init",
        "meta/tasks");

    private CaseList() {}

    /** All cases, sorted. */
    static List<String> in(Path folder) {
        Set<String> cases = new TreeSet<>();
        for (Path group : list(folder)) {
            if (Files.isDirectory(group)) {
                list(group).forEach(entry -> cases.add(group.getFileName() + "/" + withoutEnding(entry)));
            }
        }
        cases.removeAll(INPUTS);
        if (cases.isEmpty()) {
            throw new BadInputException(folder + ": found no golden cases; expected folders such as models/bert.");
        }
        return List.copyOf(cases);
    }

    /**
     * The cases that a glob matches; no globs select all.
     *
     * @throws BadInputException when a glob is malformed or matches nothing
     */
    static List<String> select(Path folder, List<String> globs) {
        List<String> all = in(folder);
        Set<String> selected = new TreeSet<>();
        for (String glob : globs) {
            PathMatcher matcher = matcher(glob);
            List<String> matched = all.stream().filter(name -> matcher.matches(Path.of(name))).toList();
            if (matched.isEmpty()) {
                throw new BadInputException("'" + glob + "' matches no case of " + folder + "; expected a glob on a path such as " + all.get(0)
                    + ".");
            }
            selected.addAll(matched);
        }
        return globs.isEmpty() ? all : List.copyOf(selected);
    }

    private static PathMatcher matcher(String glob) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException e) {
            throw new BadInputException("'" + glob + "' is no glob (" + e.getDescription() + "); expected one such as models/bert*.", e);
        }
    }

    private static String withoutEnding(Path entry) {
        String name = entry.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return Files.isDirectory(entry) || dot <= 0 ? name : name.substring(0, dot);
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> !path.getFileName().toString().startsWith(".")).sorted().toList();
        } catch (IOException e) {
            throw new BadInputException(folder + ": cannot be listed (" + e + "); expected a folder of golden files.", e);
        }
    }
}
