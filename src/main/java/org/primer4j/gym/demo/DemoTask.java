package org.primer4j.gym.demo;

import java.util.List;
import java.util.SplittableRandom;

/** A few-shot task that makes its own examples. */
interface DemoTask {

    /** Name of the task's folder, as {@code hotel_review}. */
    String name();

    /** CrossFit's name for the kind of task: {@code classification}, {@code multiple_choice} or {@code generation}. */
    String type();

    /** CrossFit's name for the score: {@code ACC}, {@code Classification-F1} or {@code EM}. */
    String metric();

    /** The labels in a fixed order; empty for multiple choice, where each input carries its own options, and for free text. */
    List<String> labels();

    /** The groups that each get 16 rows in train and in dev: the labels, or one group where there are none. */
    List<String> groups();

    /** Draws one example of a group; the same state of {@code random} gives the same example. */
    Row draw(String group, SplittableRandom random);
}
