package org.primer4j.engine;

import org.primer4j.graph.Node;
import org.primer4j.graph.ops.CachedAttention;

/**
 * What the kernel of {@link CachedAttention} takes for granted: each row's list ends with the row's own slot, and no two rows
 * share a slot, since both would write it.
 *
 * @param slots the rows' slots
 * @param past the lists
 * @param offsets of the lists
 */
record CacheLists(InputBuffer slots, InputBuffer past, InputBuffer offsets) implements BatchCheck {

    static CacheLists of(Node node, Program program) {
        return new CacheLists(BatchCheck.buffer(node.input(CachedAttention.SLOT), program), BatchCheck.buffer(node.input(CachedAttention.PAST), program),
            BatchCheck.buffer(node.input(CachedAttention.PAST_OFFSETS), program));
    }

    @Override
    public void check(Program program) {
        for (int row = 0; row < offsets.segments(); row++) {
            int slot = slots.integer(row), last = past.integer(offsets.integer(row + 1) - 1);
            if (last != slot) {
                throw new IllegalArgumentException("row " + row + " writes cache row " + slot + ", and its list ends with " + last);
            }
            requireFirst(row, slot);
        }
    }

    // A batch has a few dozen rows: comparing all pairs needs no memory.
    private void requireFirst(int row, int slot) {
        for (int other = 0; other < row; other++) {
            if (slots.integer(other) == slot) {
                throw new IllegalArgumentException("rows " + other + " and " + row + " both write cache row " + slot);
            }
        }
    }
}
