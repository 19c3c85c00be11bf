package org.primer4j.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primer4j.engine.Device;
import org.primer4j.engine.InputBuffer;
import org.primer4j.engine.Program;
import org.primer4j.graph.DType;
import org.primer4j.graph.Graph;
import org.primer4j.graph.Node;
import org.primer4j.graph.Ops;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.model.Adaptation;
import org.primer4j.model.Layers;
import org.primer4j.model.LmHead;
import org.primer4j.model.ModelStorage;
import org.primer4j.model.Parameters;
import org.primer4j.model.Seq2Seq;
import org.primer4j.model.TextInputs;
import org.primer4j.model.Weights;

/** Decoding as in training: each step runs encoder and decoder over every row's whole source and target. No bans. */
final class UncachedStep implements DecodingStep, AutoCloseable {

    private final Seq2Seq model;
    private final Adaptation method;
    private final List<int[]> sources;
    private final TextInputs source;
    private final TextInputs target;
    private final Value logProbs;
    private final Value tokens;
    private final Program program;
    private final int candidates;
    private List<int[]> sequences = List.of();

    UncachedStep(Seq2Seq model, Weights weights, Adaptation method, Parameters parameters, List<int[]> sources, int rows, int maxLength, int candidates) {
        this.model = model;
        this.method = method;
        this.sources = sources;
        this.candidates = candidates;
        Graph graph = new Graph(1, DType.F32);
        Layers layers = new Layers(graph, method);
        int longest = sources.stream().mapToInt(ids -> ids.length).max().orElseThrow() + method.promptLength();
        this.source = TextInputs.source(layers, model.config(), rows * longest, rows);
        this.target = TextInputs.target(layers, model.config(), rows * maxLength, source);
        Value hidden = model.decode(layers, model.encode(layers, source), source, target);
        LmHead head = model.head(layers);
        Node top = Ops.headTopK(head.scaled(hidden), head.weight(), head.bias(), null, null, candidates, false);
        this.logProbs = graph.output("log_probs", top.output(0));
        this.tokens = graph.output("tokens", top.output(1));
        this.program = Program.compile(Plan.of(graph), new ModelStorage(weights, parameters), Device.cpu(2));
    }

    @Override
    public void run(StepRows rows, TopTokens top) {
        List<int[]> next = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            int[] sequence = Arrays.copyOf(rows.parent(row) < 0 ? new int[0] : sequences.get(rows.parent(row)), rows.position() + 1);
            sequence[rows.position()] = rows.token(row);
            next.add(sequence);
        }
        sequences = next;
        write(rows);
        program.run(Stage.COMPUTE.bit());
        float[] allLogProbs = new float[target.tokens().capacity() * candidates];
        int[] allTokens = new int[allLogProbs.length];
        program.read(logProbs, allLogProbs);
        program.read(tokens, allTokens);
        for (int row = 0; row < rows.count(); row++) {
            int last = (row + 1) * (rows.position() + 1) - 1;
            System.arraycopy(allLogProbs, last * candidates, top.logProbs(), row * candidates, candidates);
            System.arraycopy(allTokens, last * candidates, top.tokens(), row * candidates, candidates);
        }
    }

    private void write(StepRows rows) {
        List<int[]> read = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            int[] ids = sources.get(rows.source(row)), prompted = new int[method.promptLength() + ids.length];
            for (int i = 0; i < prompted.length; i++) {
                prompted[i] = i < method.promptLength() ? model.config().vocabSize() + i : ids[i - method.promptLength()];
            }
            read.add(prompted);
        }
        program.setRows(source.sequences(), rows.count());
        write(TextInputs.SOURCE, source, read, method.positionShift("encoder"));
        write(TextInputs.TARGET, target, sequences, method.positionShift("decoder"));
    }

    private void write(String prefix, TextInputs in, List<int[]> texts, int shift) {
        int at = 0;
        InputBuffer offsets = program.input(prefix + TextInputs.OFFSETS);
        for (int i = 0; i < texts.size(); i++) {
            offsets.put(i, at);
            program.input(prefix + TextInputs.IDS).put(at, texts.get(i), texts.get(i).length);
            for (int t = 0; in.positions() != null && t < texts.get(i).length; t++) {
                program.input(prefix + TextInputs.POSITIONS).put(at + t, TextInputs.firstPosition(model.config()) + shift + t);
            }
            at += texts.get(i).length;
        }
        offsets.put(texts.size(), at);
        program.setRows(in.tokens(), at);
    }

    @Override
    public void close() {
        program.close();
    }
}
