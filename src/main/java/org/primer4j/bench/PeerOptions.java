package org.primer4j.bench;

import picocli.CommandLine.Option;

/** Options of every command of the peer, which have one value or no meaning here, for a command line to mix in. */
final class PeerOptions {

    @Option(names = "--attention", hidden = true)
    private String attention;

    @Option(names = "--adamw", hidden = true)
    private String adamw;

    @Option(names = "--fp32-matmul", hidden = true)
    private String matmul;

    @Option(names = "--compile", hidden = true)
    private boolean compile;

    @Option(names = "--cudagraphs", hidden = true)
    private boolean cudaGraphs;

    @Option(names = "--grad-checkpoint", hidden = true)
    private boolean gradCheckpoint;

    @Option(names = "--group-by-length", hidden = true)
    private boolean groupByLength;

    /** @throws org.primer4j.BadInputException naming one that was given */
    void refuse(OptionChecks checks) {
        checks.refusePeers("--attention", attention != null, "attention has one implementation here");
        checks.refusePeers("--adamw", adamw != null, "AdamW has one implementation here");
        checks.refusePeers("--fp32-matmul", matmul != null, "float32 products are computed in float32 here");
        checks.refusePeers("--compile", compile, "programs are always compiled here");
        checks.refusePeers("--cudagraphs", cudaGraphs, "a CUDA program is always captured here");
        checks.refusePeers("--grad-checkpoint", gradCheckpoint, "what is recomputed is not chosen here");
        checks.refusePeers("--group-by-length", groupByLength, "nothing is padded here");
    }
}
