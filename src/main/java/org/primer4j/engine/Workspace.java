package org.primer4j.engine;

/**
 * Memory that programs run in: an arena for inputs, values and results, and the kernels' scratch. Programs of which only one
 * is in use at a time can share it.
 */
public final class Workspace extends NativeResource {

    private final Memory arena;
    private Memory scratch;

    /**
     * @param arenaBytes of the largest plan that runs here
     * @throws EngineException when memory is short
     */
    public Workspace(long arenaBytes) {
        super("workspace of " + arenaBytes + " bytes");
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.arena = opened.add(new Memory(arenaBytes, "arena"));
            this.scratch = opened.add(new Memory(0, "scratch"));
            opened.succeeded();
        }
    }

    /** Makes the scratch large enough for one more program. */
    synchronized void reserve(long arenaBytes, long scratchBytes) {
        checkOpen();
        if (arenaBytes > arena.bytes()) {
            throw new IllegalArgumentException("a plan of " + arenaBytes + " bytes does not fit " + this);
        }
        if (scratchBytes > scratch.bytes()) {
            scratch.close();
            scratch = new Memory(scratchBytes, "scratch");
        }
    }

    Memory arena() {
        return arena;
    }

    synchronized Memory scratch() {
        return scratch;
    }

    /** Keeps the memory from being freed until {@link #letGo}: a program runs in it. */
    synchronized void hold() {
        arena.hold();
        scratch.hold();
    }

    void letGo() {
        arena.letGo();
        scratch().letGo();
    }

    /** Bytes it holds. */
    public synchronized long bytes() {
        return arena.bytes() + scratch.bytes();
    }

    @Override
    protected void release() {
        arena.close();
        scratch.close();
    }
}
