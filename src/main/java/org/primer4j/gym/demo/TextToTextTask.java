package org.primer4j.gym.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A task whose answer is a text that the input's words determine: to copy or reverse three to five words, or to say what a
 * sentence is about and when. Small enough for a small model to learn from nothing.
 *
 * @param name the task's name
 * @param inputs makes an input
 * @param answer what comes out
 */
record TextToTextTask(String name, Function<SplittableRandom, List<String>> inputs, Function<List<String>, List<String>> answer) implements DemoTask {

    /** Words to copy and reverse. */
    static final List<String> WORDS = List.of("red", "blue", "green", "grey", "lamp", "chair", "table", "spoon", "river", "stone", "cloud", "field",
        "seven", "three", "eight", "forty", "walk", "swim", "jump", "climb");

    private static final List<List<String>> THINGS = List.of(List.of("dog", "horse", "owl", "trout"), List.of("hammer", "saw", "drill", "spade"),
        List.of("soup", "bread", "cheese", "plum"));
    private static final List<String> KINDS = List.of("animal", "tool", "food");
    private static final List<List<String>> TIMES = List.of(List.of("yesterday", "recently", "formerly"), List.of("tomorrow", "soon", "later"));
    private static final List<String> TENSES = List.of("past", "future");
    private static final List<String> FILLERS = List.of("the", "old", "small", "our", "near", "house", "garden", "behind", "with", "good");

    static TextToTextTask copy() {
        return new TextToTextTask("copy_words", TextToTextTask::words, Function.identity());
    }

    static TextToTextTask reverse() {
        return new TextToTextTask("reverse_words", TextToTextTask::words, TextToTextTask::reversed);
    }

    static TextToTextTask label() {
        return new TextToTextTask("label_sentence", TextToTextTask::sentence, TextToTextTask::labels);
    }

    /** Every word that an input or an answer can have. */
    static List<String> vocabulary() {
        List<String> words = new ArrayList<>(WORDS);
        THINGS.forEach(words::addAll);
        TIMES.forEach(words::addAll);
        words.addAll(KINDS);
        words.addAll(TENSES);
        words.addAll(FILLERS);
        return List.copyOf(words);
    }

    @Override
    public String type() {
        return "generation";
    }

    @Override
    public String metric() {
        return "EM";
    }

    @Override
    public List<String> labels() {
        return List.of();
    }

    @Override
    public List<String> groups() {
        return List.of("all");
    }

    @Override
    public Row draw(String group, SplittableRandom random) {
        List<String> input = inputs.apply(random);
        return new Row(String.join(" ", input), String.join(" ", answer.apply(input)), name);
    }

    private static List<String> words(SplittableRandom random) {
        List<String> words = new ArrayList<>();
        int length = random.nextInt(3, 6);
        for (int i = 0; i < length; i++) {
            words.add(any(WORDS, random));
        }
        return words;
    }

    private static List<String> reversed(List<String> words) {
        List<String> reversed = new ArrayList<>(words);
        Collections.reverse(reversed);
        return reversed;
    }

    /** Four to seven filler words with a thing and a time at any two places. */
    private static List<String> sentence(SplittableRandom random) {
        List<String> words = new ArrayList<>();
        int length = random.nextInt(4, 8);
        for (int i = 0; i < length; i++) {
            words.add(any(FILLERS, random));
        }
        words.add(random.nextInt(words.size() + 1), any(any(THINGS, random), random));
        words.add(random.nextInt(words.size() + 1), any(any(TIMES, random), random));
        return words;
    }

    private static List<String> labels(List<String> sentence) {
        return List.of(KINDS.get(listWith(THINGS, sentence)), TENSES.get(listWith(TIMES, sentence)));
    }

    private static int listWith(List<List<String>> lists, List<String> sentence) {
        int found = 0;
        while (Collections.disjoint(lists.get(found), sentence)) {
            found++;
        }
        return found;
    }

    private static <T> T any(List<T> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }
}
