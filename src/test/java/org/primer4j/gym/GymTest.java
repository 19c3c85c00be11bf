package org.primer4j.gym;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.primer4j.gym.Gyms.LABELLED;
import static org.primer4j.gym.Sentences.assertRefused;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GymTest {

    private static final String TABLE = "licence\tmetric\ttask\ttype\nfree\tClassification-F1\tfilms\tclassification\n";

    @TempDir
    Path folder;

    @Test
    void readsEveryPartAndAllAcceptedOutputs() {
        Gyms.sample(folder, "films", 13, LABELLED, "a\tgood\tgreat\n", "b\tbad\r\nc\tgood");
        Gyms.write(folder.resolve("tasks.tsv"), TABLE);
        TaskSample sample = Gym.open(folder).read("films", 13);
        assertEquals(new TaskInfo("films", TaskType.CLASSIFICATION, "Classification-F1"), sample.info());
        assertEquals(Metric.CLASSIFICATION_F1, sample.info().metric());
        assertEquals(13, sample.seed());
        assertEquals(new Example("great film", "good"), sample.train().get(0));
        assertEquals(4, sample.train().size());
        assertEquals(List.of(new Example("a", List.of("good", "great"))), sample.dev());
        assertEquals(List.of(new Example("b", "bad"), new Example("c", "good")), sample.test());
    }

    @Test
    void onlyNewlinesEndLines() {
        Gyms.sample(folder, "films", 13, "\uFEFF" + LABELLED, "one\u2028two\rthree\u0085four\tgood\n", LABELLED);
        TaskSample sample = Gym.open(folder).read("films", 13);
        assertEquals("great film", sample.train().get(0).input());
        assertEquals("one\u2028two\rthree\u0085four", sample.dev().get(0).input());
    }

    @Test
    void infersTypesWithoutATable() {
        Gyms.write(Gyms.file(folder, "films", 1, "train"), LABELLED);
        Gyms.write(Gyms.file(folder, "choice", 1, "train"), "Why? (A) so (B) no\tno\nWho? (A) me (B) you\tme\n");
        Gyms.write(Gyms.file(folder, "free", 1, "train"), "say hello\thello\nsay bye\tbye\nsay bye again\tbye\n");
        Gyms.write(folder.resolve("README.md"), "no task");
        Gyms.write(folder.resolve("notes").resolve("notes.tsv"), "no\ttask");
        assertEquals(List.of(
                new TaskInfo("choice", TaskType.MULTIPLE_CHOICE, "ACC"),
                new TaskInfo("films", TaskType.CLASSIFICATION, "ACC"),
                new TaskInfo("free", TaskType.FREE_TEXT, "EM")), Gym.open(folder).tasks());
    }

    @Test
    void aFolderTheTableDoesNotListIsATaskToo() {
        Gyms.write(Gyms.file(folder, "films", 1, "train"), LABELLED);
        Gyms.write(Gyms.file(folder, "books", 1, "train"), LABELLED);
        Gyms.write(folder.resolve("tasks.tsv"), TABLE);
        assertEquals(List.of("films", "books"), Gym.open(folder).names());
        assertEquals("ACC", Gym.open(folder).info("books").metricName());
    }

    @Test
    void seedsAreNumbersInOrder() {
        for (int seed : new int[] {100, 13, 7, 0}) {
            Gyms.write(Gyms.file(folder, "films", seed, "train"), LABELLED);
        }
        Gyms.write(folder.resolve("films/films_16_x_train.tsv"), LABELLED);
        Gyms.write(folder.resolve("films/films_16_99999999999_train.tsv"), LABELLED);
        assertEquals(List.of(0, 7, 13, 100), Gym.open(folder).seeds("films"));
    }

    @Test
    void anUnknownMetricIsListedButNotUsed() {
        assertEquals(Metric.EM, new TaskInfo("jeopardy", TaskType.QA, "EM").metric());
        assertRefused(new TaskInfo("jeopardy", TaskType.QA, "BLEU")::metric, "jeopardy", "'BLEU'", "unknown", "Pearson-Correlation");
    }

    @Test
    void refusesWhatIsNotThere() throws Exception {
        assertRefused(() -> Gym.open(folder.resolve("absent")), "absent", "no such folder");
        assertRefused(() -> Gym.open(folder), "no task");
        Gyms.sample(folder, "films", 13, LABELLED, LABELLED, LABELLED);
        Gyms.sample(folder, "books", 13, LABELLED, LABELLED, LABELLED);
        Gym gym = Gym.open(folder);
        assertRefused(() -> gym.read("film", 13), "'film'", "[films, books]");
        assertRefused(() -> gym.read("../films", 13), "'../films'");
        assertRefused(() -> gym.read("films", 42), "films", "42", "[13]");
        Files.delete(Gyms.file(folder, "films", 13, "test"));
        assertRefused(() -> gym.read("films", 13), "films_16_13_test.tsv", "no such file");
    }

    @Test
    void namesTheLineOfABadRow() {
        assertTrainRefused("a\tb\nno tab here\n".getBytes(StandardCharsets.UTF_8), "_train.tsv:2:", "no tab", "no tab here");
        assertTrainRefused("a\tb\n\na\tb\n".getBytes(StandardCharsets.UTF_8), "_train.tsv:2:", "no tab");
        assertTrainRefused("a\tb\n \tb\n".getBytes(StandardCharsets.UTF_8), "_train.tsv:2:", "input", "empty");
        assertTrainRefused("a\tb\na\t\n".getBytes(StandardCharsets.UTF_8), "_train.tsv:2:", "output", "empty");
        assertTrainRefused(new byte[0], "_train.tsv:", "empty");
        assertTrainRefused("\n\n".getBytes(StandardCharsets.UTF_8), "_train.tsv:", "empty");
        assertTrainRefused("a\tcaf\u00e9\nb\tc\n".getBytes(StandardCharsets.ISO_8859_1), "_train.tsv:1:", "UTF-8");
        assertTrainRefused(new byte[] {'a', '\t', 'b', '\n', (byte) 0xC3}, "_train.tsv:2:", "UTF-8");
    }

    @Test
    void aFolderInPlaceOfAFileIsRefused() throws Exception {
        Gyms.sample(folder, "films", 13, LABELLED, LABELLED, LABELLED);
        Files.delete(Gyms.file(folder, "films", 13, "dev"));
        Files.createDirectory(Gyms.file(folder, "films", 13, "dev"));
        assertRefused(() -> Gym.open(folder).read("films", 13), "_dev.tsv", "cannot be read");
    }

    @Test
    void refusesALabelThatTrainDoesNotHave() {
        Gyms.sample(folder, "films", 13, LABELLED, LABELLED, "x\tgood\ny\tugly\n");
        assertRefused(() -> Gym.open(folder).read("films", 13), "_test.tsv:2:", "'ugly'", "[bad, good]");
    }

    @Test
    void refusesASingleLabel() {
        Gyms.sample(folder, "films", 13, "a\tgood\nb\tgood\n", LABELLED, LABELLED);
        assertRefused(() -> Gym.open(folder).read("films", 13), "films", "[good]", "two labels");
    }

    @Test
    void refusesAnAnswerThatIsNoOption() {
        String choice = "Why? (A) so (B) no\tno\n";
        Gyms.sample(folder, "choice", 13, choice, choice, choice + "Who? (A) me (B) you\the\n");
        assertRefused(() -> Gym.open(folder).read("choice", 13), "_test.tsv:2:", "'he'", "[me, you]");
        Gyms.sample(folder, "choice", 13, choice, "Who?\tme\n", choice);
        assertRefused(() -> Gym.open(folder).read("choice", 13), "_dev.tsv:1:", "no options");
    }

    @Test
    void refusesABadTable() {
        Path table = folder.resolve("tasks.tsv");
        Gyms.write(table, "task\ttype\nfilms\tclassification\n");
        assertRefused(() -> Gym.open(folder), "tasks.tsv:1:", "'metric'");
        Gyms.write(table, "task\ttype\tmetric\nfilms\tclassification\n");
        assertRefused(() -> Gym.open(folder), "tasks.tsv:2:", "'metric'");
        Gyms.write(table, "task\ttype\tmetric\n../films\tclassification\tACC\n");
        assertRefused(() -> Gym.open(folder), "tasks.tsv:2:", "'../films'");
        Gyms.write(table, "task\ttype\tmetric\nfilms\tclassification\tACC\nfilms\tclassification\tACC\n");
        assertRefused(() -> Gym.open(folder), "tasks.tsv:3:", "twice");
        Gyms.write(table, "task\ttype\tmetric\nfilms\tclasification\tACC\n");
        assertRefused(() -> Gym.open(folder), "tasks.tsv:2:", "'clasification'");
        Gyms.write(table, "task\ttype\tmetric\nfilms\tclassification\tACC\n");
        assertRefused(() -> Gym.open(folder).read("films", 13), "films", "no train file");
    }

    @Test
    void checkReportsEveryProblemAndCountsTheRest() {
        Gyms.sample(folder, "films", 1, LABELLED, LABELLED, LABELLED);
        Gyms.sample(folder, "films", 2, LABELLED, "no tab", LABELLED);
        Gyms.sample(folder, "broken", 1, "no tab", LABELLED, LABELLED);
        GymCheck check = GymCheck.of(Gym.open(folder));
        assertEquals(2, check.tasks());
        assertEquals(1, check.samples());
        assertEquals(12, check.examples());
        assertEquals(2, check.problems().size(), check.problems()::toString);
        assertTrue(check.problems().get(0).contains("broken_16_1_train.tsv:1"), check.problems()::toString);
        assertTrue(check.problems().get(1).contains("films_16_2_dev.tsv:1"), check.problems()::toString);
    }

    @Test
    void checkReportsATaskWithoutAUsableMetric() {
        Gyms.sample(folder, "films", 1, LABELLED, LABELLED, LABELLED);
        Gyms.write(folder.resolve("tasks.tsv"), "task\ttype\tmetric\nfilms\tclassification\tBLEU\n");
        GymCheck check = GymCheck.of(Gym.open(folder));
        assertEquals(1, check.problems().size());
        assertTrue(check.problems().get(0).contains("task films: the metric 'BLEU'"), check.problems()::toString);
    }

    @Test
    void sumsUpATask() {
        Gyms.sample(folder, "films", 1, LABELLED, "a\tgood\n", "b\tbad\nc\tgood\n");
        Gyms.write(Gyms.file(folder, "films", 2, "train"), LABELLED);
        TaskInfo info = new TaskInfo("films", TaskType.CLASSIFICATION, "ACC");
        assertEquals(new TaskSummary(info, List.of(1, 2), 2, 4, 1, 2), TaskSummary.of(Gym.open(folder), "films"));
    }

    @Test
    void everyTypeOfFreeTextReadsWithAllItsAnswers() {
        Gyms.write(folder.resolve("tasks.tsv"), "task\ttype\tmetric\nasked\tqa\tQA-F1\ntold\tgeneration\tRouge-L\n"
                + "rated\tregression\tPearson-Correlation\n");
        String answers = "who?\tme\tmyself\twe two\nwhere?\there\n";
        Gyms.sample(folder, "asked", 13, answers, answers, answers);
        Gyms.sample(folder, "told", 13, answers, answers, answers);
        Gyms.sample(folder, "rated", 13, "fine\t4.5\npoor\t1\n", "so so\t 3 \n", "bad\t1e0\n");
        Gym gym = Gym.open(folder);
        assertEquals(List.of("me", "myself", "we two"), gym.read("asked", 13).test().get(0).outputs());
        assertEquals(List.of(TaskType.QA, TaskType.GENERATION, TaskType.REGRESSION), gym.tasks().stream().map(TaskInfo::type).toList());
        assertEquals(List.of(), GymCheck.of(gym).problems());
    }

    @Test
    void refusesARatingThatIsNoNumber() {
        Gyms.write(folder.resolve("tasks.tsv"), "task\ttype\tmetric\nrated\tregression\tPearson-Correlation\n");
        Gyms.sample(folder, "rated", 13, "fine\t4\npoor\t1\n", "so so\t3\n", "fair\t2\nbad\tfour\n");
        assertRefused(() -> Gym.open(folder).read("rated", 13), "rated_16_13_test.tsv:2:", "'four'", "no number");
        for (String odd : List.of("nan", "inf", "0x1p3", "1d", "1e999", "1__0")) {
            Gyms.sample(folder, "rated", 13, "fine\t4\npoor\t1\n", "so so\t" + odd + "\n", "bad\t4\n");
            assertRefused(() -> Gym.open(folder).read("rated", 13), "rated_16_13_dev.tsv:1:", "'" + odd + "'");
        }
    }

    private void assertTrainRefused(byte[] train, String... parts) {
        Gyms.sample(folder, "films", 13, LABELLED, LABELLED, LABELLED);
        Gyms.write(folder.resolve("tasks.tsv"), TABLE);
        Gyms.write(Gyms.file(folder, "films", 13, "train"), train);
        assertRefused(() -> Gym.open(folder).read("films", 13), parts);
    }
}
