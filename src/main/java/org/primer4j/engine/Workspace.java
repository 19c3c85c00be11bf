package org.primer4j.engine;

/**
 * Memory that programs run in: an arena for inputs, values and results, and the kernels' scratch. Programs of which only one
 * is in use at a time can share it; of two that run at a time the second is refused.
 */
public final class Workspace extends NativeResource {

    private final Memory arena;
    // Volatile, not guarded: a run that holds it must come to its end while reserve, with the lock, waits for that.
    private volatile Memory scratch;
    private volatile boolean running;

    /**
     * @param device whose memory it is
     * @param arenaBytes of the largest plan that runs here
     * @throws EngineException when memory is short
     */
    public Workspace(Device device, long arenaBytes) {
        super("workspace of " + arenaBytes + " bytes");
        try (CloseOnFailure opened = new CloseOnFailure()) {
            this.arena = opened.add(new Memory(device, arenaBytes, "arena"));
            this.scratch = opened.add(new Memory(device, 0, "scratch"));
            opened.succeeded();
        }
    }

    /**
     * Makes the scratch large enough for one more program, once no program runs here.
     *
     * @throws EngineException when memory is short; the scratch stays as it was
     */
    synchronized void reserve(long arenaBytes, long scratchBytes) {
        checkOpen();
        if (arenaBytes > arena.bytes()) {
            throw new IllegalArgumentException("a plan of " + arenaBytes + " bytes does not fit " + this);
        }
        if (scratchBytes > scratch.bytes()) {
            Memory larger = new Memory(arena.device(), scratchBytes, "scratch");
            scratch.close();
            scratch = larger;
        }
    }

    synchronized void checkUsable() {
        checkOpen();
    }

    Memory arena() {
        return arena;
    }

    Memory scratch() {
        return scratch;
    }

    /**
     * Keeps the memory from being freed until {@link #letGo}: a program runs in it.
     *
     * @throws IllegalStateException when another one does: each would write over the other's indices, which were checked
     */
    synchronized void hold() {
        checkOpen();
        if (running) {
            throw new IllegalStateException("another program runs in the " + this);
        }
        running = true;
        arena.hold();
        scratch.hold();
    }

    void letGo() {
        arena.letGo();
        scratch.letGo();
        running = false;
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
