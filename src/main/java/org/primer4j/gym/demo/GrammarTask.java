package org.primer4j.gym.demo;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Classification: the grammar's section {@code [= label]} holds the sentence patterns of that label.
 *
 * @param name the task's name and that of its grammar file
 * @param metric CrossFit's name for the score
 * @param grammar patterns and word lists
 */
record GrammarTask(String name, String metric, Grammar grammar) implements DemoTask {

    static GrammarTask load(String name, String metric) {
        return new GrammarTask(name, metric, Grammar.load(name));
    }

    @Override
    public String type() {
        return "classification";
    }

    @Override
    public List<String> labels() {
        return grammar.labels();
    }

    @Override
    public List<String> groups() {
        return labels();
    }

    @Override
    public Row draw(String label, SplittableRandom random) {
        Draft draft = grammar.draw(Grammar.LABEL + label, random);
        return new Row(draft.text(), label, draft.template());
    }
}
