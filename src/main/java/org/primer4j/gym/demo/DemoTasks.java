package org.primer4j.gym.demo;

import java.util.List;
import java.util.stream.Stream;

/**
 * The demo gym's tasks. Each test task asks for a skill that train tasks teach in another domain and wording
 * (sentiment: meals, films, gadgets - hotels), but no train task has its texts or its labels' words.
 */
final class DemoTasks {

    private static final String ACC = "ACC";
    private static final String F1 = "Classification-F1";

    /** Tasks to prime on. */
    static final List<DemoTask> TRAIN = List.of(
            GrammarTask.load("meal_review", ACC),
            GrammarTask.load("film_review", ACC),
            GrammarTask.load("gadget_review", ACC),
            GrammarTask.load("verb_agreement", ACC),
            GrammarTask.load("word_order", ACC),
            GrammarTask.load("determiner_agreement", ACC),
            GrammarTask.load("household_tense", F1),
            GrammarTask.load("handover_entailment", ACC),
            GrammarTask.load("size_entailment", ACC),
            GrammarTask.load("people_paraphrase", ACC),
            GrammarTask.load("neighbour_intent", F1),
            GrammarTask.load("question_type", F1),
            GrammarTask.load("fact_opinion", ACC),
            GrammarTask.load("formality", ACC),
            GrammarTask.load("weather_certainty", ACC),
            GrammarTask.load("emotion", F1),
            GrammarTask.load("urgency", ACC),
            GrammarTask.load("spam", ACC),
            GrammarTask.load("unit_kind", F1),
            ChoiceTask.load("home_cause"));

    /** Unseen tasks. */
    static final List<DemoTask> TEST = List.of(
            GrammarTask.load("hotel_review", ACC),
            GrammarTask.load("project_status", F1),
            GrammarTask.load("journey_entailment", ACC),
            GrammarTask.load("shop_paraphrase", ACC),
            GrammarTask.load("question_grammar", ACC),
            GrammarTask.load("repair_certainty", ACC),
            GrammarTask.load("office_intent", F1),
            ChoiceTask.load("outdoor_cause"));

    private DemoTasks() {
    }

    static List<DemoTask> all() {
        return Stream.concat(TRAIN.stream(), TEST.stream()).toList();
    }
}
