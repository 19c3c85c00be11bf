package org.primer4j.gym.demo;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Multiple choice between two options. The grammar's section {@code [item]} holds lines
 * {@code premise || right option || wrong option}; the input is {@code premise (A) option (B) option}, the output the
 * right option's text, as in CrossFit's superglue-copa.
 *
 * @param name the task's name and that of its grammar file
 * @param grammar patterns and word lists
 */
record ChoiceTask(String name, Grammar grammar) implements DemoTask {

    private static final String ITEM = "item";

    static ChoiceTask load(String name) {
        return new ChoiceTask(name, Grammar.load(name));
    }

    @Override
    public String type() {
        return "multiple_choice";
    }

    @Override
    public String metric() {
        return "ACC";
    }

    @Override
    public List<String> labels() {
        return List.of();
    }

    @Override
    public List<String> groups() {
        return List.of(ITEM);
    }

    @Override
    public Row draw(String group, SplittableRandom random) {
        Draft draft = grammar.draw(group, random);
        String[] parts = draft.text().split(" \\|\\| ");
        if (parts.length != 3) {
            throw new IllegalStateException(name + ": expected 'premise || right || wrong', found '" + draft.text() + "'");
        }
        boolean rightFirst = random.nextBoolean();
        String first = rightFirst ? parts[1] : parts[2];
        String second = rightFirst ? parts[2] : parts[1];
        return new Row(parts[0] + " (A) " + first + " (B) " + second, parts[1], draft.template());
    }
}
