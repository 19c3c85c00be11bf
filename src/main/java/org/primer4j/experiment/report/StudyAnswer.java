package org.primer4j.experiment.report;

import org.primer4j.Format;
import org.primer4j.experiment.Interval;
import org.primer4j.experiment.study.Contrast;
import org.primer4j.experiment.study.Difference;
import org.primer4j.experiment.study.Finding;
import org.primer4j.experiment.study.Gain;
import org.primer4j.experiment.study.LeaveOneTaskOut;
import org.primer4j.experiment.study.RecipeResult;
import org.primer4j.experiment.study.StudySummary;

/** The study's answer in a sentence, its best recipes, and what it says of the findings it set out to check. */
final class StudyAnswer {

    private final Markup page;
    private final StudySummary summary;

    StudyAnswer(Markup page, StudySummary summary) {
        this.page = page;
        this.summary = summary;
    }

    void draw() {
        sentences();
        page.open("div", "class", "cards wide");
        summary.bestByArg().ifPresent(this::relative);
        summary.bestByScore().ifPresent(this::absolute);
        summary.findings().forEach(this::finding);
        page.close();
    }

    private void sentences() {
        page.open("p", "class", "lead");
        summary.bestByArg().ifPresentOrElse(this::sentences, () -> page.text("No recipe has all its tasks yet."));
        page.close();
    }

    private void sentences(RecipeResult best) {
        Gain gain = best.gain();
        Interval interval = gain.arg().interval();
        String soFar = summary.runs() < summary.manifest().plannedRuns() ? " so far" : "";
        page.open("strong").element("bdi", best.recipe()).close();
        page.text(" has the highest average relative gain over direct tuning%s: %s (95 %% interval %s), on %s%s. ".formatted(soFar,
                Format.gain(gain.arg().skippingUndefined()), Format.interval(interval), Format.count(gain.tasks(), "task"), overMethods()));
        page.text(interval.excludes(0) ? "" : "That interval has 0 in it. ");
        leftOut(gain.leaveOneOut());
        summary.bestByScore().ifPresent(other -> score(best, other));
    }

    private void leftOut(LeaveOneTaskOut found) {
        if (found.mostInfluential() != null) {
            page.text("Without ").element("bdi", found.mostInfluential()).text(", the task with the most influence on it, it is %s. ".formatted(
                    Format.gain(found.without())));
        }
    }

    private void score(RecipeResult byArg, RecipeResult best) {
        if (best.recipe().equals(byArg.recipe())) {
            page.text("Its mean score is the highest too: ");
        } else {
            page.text("The highest mean score is that of ").open("strong").element("bdi", best.recipe()).close().text(": ");
        }
        Gain gain = best.gain();
        page.text("%s against %s, %s (%s).".formatted(Format.score(gain.primed()), Format.score(gain.direct()),
                Format.difference(gain.difference()), Format.differenceInterval(gain.differenceInterval())));
    }

    private void relative(RecipeResult best) {
        Gain gain = best.gain();
        card("Highest ARG" + overMethods(), Format.gain(gain.arg().skippingUndefined()), "95 % interval " + Format.interval(gain.arg().interval()));
        details(best);
    }

    private void absolute(RecipeResult best) {
        Gain gain = best.gain();
        card("Highest mean score" + overMethods(), Format.score(best.score()), "%s on direct tuning, 95 %% interval %s".formatted(
                Format.difference(gain.difference()), Format.differenceInterval(gain.differenceInterval())));
        details(best);
    }

    private void card(String title, String headline, String detail) {
        page.open("section", "class", "card").element("h2", title).element("p", headline, "class", "headline")
                .element("p", detail, "class", "muted");
    }

    private void details(RecipeResult best) {
        Gain gain = best.gain();
        page.open("dl").element("dt", "recipe").open("dd").element("bdi", best.recipe()).close();
        entry("mean score, direct", Format.score(gain.direct()));
        entry("mean score, primed", Format.score(gain.primed()));
        entry("tasks better / worse", "%d / %d of %d".formatted(gain.better(), gain.worse(), gain.tasks()));
        page.close().close();
    }

    private String overMethods() {
        return summary.manifest().methods().size() > 1 ? ", mean of " + summary.manifest().methods().size() + " methods" : "";
    }

    private void finding(Finding finding) {
        if (finding.parts().values().stream().noneMatch(part -> part.tasks() > 0)) {
            return;
        }
        page.open("section", "class", "card").element("h2", "\u201c" + finding.statement() + "\u201d");
        page.element("p", finding.byScore() == finding.byArg() ? finding.byArg() + " by mean score and by ARG"
                : finding.byScore() + " by mean score, " + finding.byArg() + " by ARG", "class", "verdict");
        page.open("dl");
        finding.parts().forEach(this::part);
        finding.untested().forEach(name -> entry(name, "not tested"));
        page.close().close();
    }

    private void part(String name, Contrast contrast) {
        Difference score = contrast.score();
        Difference arg = contrast.arg();
        entry(name + ": score", Format.difference(score.value()), Format.differenceInterval(score.interval()));
        entry(name + ": ARG", Format.gain(arg.value()), Format.interval(arg.interval()));
    }

    private void entry(String name, String value) {
        page.element("dt", name).element("dd", value);
    }

    private void entry(String name, String value, String interval) {
        page.element("dt", name).open("dd").text(value + " ").element("small", "(" + interval + ")").close();
    }
}
