package org.primer4j.engine;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.primer4j.graph.Plan;
import org.primer4j.graph.Value;

/**
 * The host's side of a program's arena: the axis table and inputs to write, outputs to read. The arena itself where the host
 * reaches it; elsewhere a mirror in the host's memory, whose first part a run copies to the device.
 */
final class HostView implements AutoCloseable {

    private final Plan plan;
    private final Memory arena;
    private final Memory mirror;
    private final Map<Value, ByteBuffer> outputs = new HashMap<>();

    HostView(Plan plan, Memory arena) {
        this.plan = plan;
        this.arena = arena;
        this.mirror = arena.device().isHost() ? null : new Memory(plan.inputBytes() + outputBytes(plan), "host mirror");
        viewOutputs();
    }

    private static long outputBytes(Plan plan) {
        return plan.outputs().stream().mapToLong(value -> plan.slot(value).bytes()).sum();
    }

    private void viewOutputs() {
        long next = plan.inputBytes();
        for (Value value : plan.outputs()) {
            Plan.Slot slot = plan.slot(value);
            outputs.put(value, mirror == null ? arena.view(slot.offset(), slot.bytes()) : mirror.view(next, slot.bytes()));
            next += slot.bytes();
        }
    }

    private Memory written() {
        return mirror == null ? arena : mirror;
    }

    /** The axis table. */
    ByteBuffer axes(long bytes) {
        return written().view(0, bytes);
    }

    /** Where an input is written. */
    ByteBuffer input(Value value) {
        Plan.Slot slot = plan.slot(value);
        return written().view(slot.offset(), slot.bytes());
    }

    /** An output's buffer, whose bytes from {@code start} to {@code end} are as the last run left them; null when it is no output. */
    ByteBuffer output(Value value, long start, long end) {
        ByteBuffer buffer = outputs.get(value);
        if (buffer != null && mirror != null && end <= buffer.capacity()) {
            arena.read(plan.slot(value).offset() + start, buffer.duplicate().limit(Math.toIntExact(end)).position(Math.toIntExact(start)));
        }
        return buffer;
    }

    /** Address of what was written for the arena's first bytes; 0 where that is the arena. */
    long address() {
        return mirror == null ? 0 : mirror.address();
    }

    @Override
    public void close() {
        if (mirror != null) {
            mirror.close();
        }
    }
}
