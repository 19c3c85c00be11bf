package org.primer4j.priming.meta;

import java.util.Arrays;
import java.util.List;
import org.primer4j.engine.CloseOnFailure;
import org.primer4j.engine.Device;
import org.primer4j.engine.Interruption;
import org.primer4j.engine.NativeResource;
import org.primer4j.engine.Program;
import org.primer4j.engine.Storage;
import org.primer4j.engine.Workspace;
import org.primer4j.graph.Stage;
import org.primer4j.graph.Value;
import org.primer4j.objective.LaneParts;

/** Derivatives of the loss of a batch a lane, computed in as many parts as the room asks for. */
final class LossProgram<E> extends NativeResource {

    /** Takes up the derivatives of a part; all parts' add up to the batch's. */
    @FunctionalInterface
    interface Part {

        /** @param first whether it is the first part */
        void done(boolean first, boolean last);
    }

    private final Program program;
    private final Value loss;
    private final LaneParts<E> parts;
    private final double[] losses;
    private long tokens;

    LossProgram(LossDraft<E> draft, Storage storage, Device device, Workspace workspace) {
        super("loss program");
        int lanes = draft.plan().graph().lanes();
        this.loss = draft.loss();
        this.losses = new double[lanes];
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.program = opened.add(Program.compile(draft.plan(), storage, device, workspace));
            this.parts = new LaneParts<>(draft.source().writer().apply(program), lanes);
            opened.succeeded();
        }
    }

    /**
     * Runs over batches, one a lane.
     *
     * @return each lane's loss; the array is reused by the next call
     */
    double[] run(List<List<E>> batches, Part part) {
        Arrays.fill(losses, 0);
        parts.start(batches);
        for (boolean first = true; parts.hasNext(); first = false) {
            Interruption.check();
            parts.next();
            tokens += parts.tokens();
            program.run(Stage.COMPUTE.bit());
            for (int lane = 0; lane < losses.length; lane++) {
                losses[lane] += program.read(loss, lane);
            }
            part.done(first, !parts.hasNext());
        }
        return losses;
    }

    /** Tokens read. */
    long tokens() {
        return tokens;
    }

    @Override
    protected void release() {
        program.close();
    }
}
