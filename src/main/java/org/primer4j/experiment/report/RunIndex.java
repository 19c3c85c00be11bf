package org.primer4j.experiment.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.experiment.study.StudyResults;
import org.primer4j.experiment.study.StudyRun;

/** A study's runs by recipe, method and task, in the results' order. */
final class RunIndex {

    private record Key(String recipe, String method) {
    }

    private final Map<Key, Map<String, List<StudyRun>>> runs;

    RunIndex(StudyResults results) {
        runs = results.runs().stream().collect(groupingBy(run -> new Key(run.recipe(), run.method()), LinkedHashMap::new,
                groupingBy(StudyRun::task, LinkedHashMap::new, toList())));
    }

    /** The runs of each task that has any, one a sample. */
    Map<String, List<StudyRun>> tasks(String recipe, String method) {
        return runs.getOrDefault(new Key(recipe, method), Map.of());
    }

    /** The runs of one task, empty if there are none yet. */
    List<StudyRun> task(String recipe, String method, String task) {
        return tasks(recipe, method).getOrDefault(task, List.of());
    }

    static List<Integer> samples(List<StudyRun> runs) {
        return runs.stream().map(StudyRun::sample).toList();
    }
}
